"""From data to a released model: ingest, validate, and if the data is good, train, evaluate and pass a quality gate.

Plain Kubeflow Pipelines code: nothing here knows Pinnace, and the same file runs on a cluster. The data is the
Wisconsin breast cancer data set (569 tumours, 30 measurements each), which scikit-learn carries.
"""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Dataset, Input, Metrics, Model, Output

IMAGE = "python:3.12-slim"
PACKAGES = ["pandas", "scikit-learn"]


@dsl.component(base_image=IMAGE, packages_to_install=PACKAGES)
def ingest_data(output_data: Output[Dataset]) -> int:
    """Write the data set as a CSV file and return its number of rows."""
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    frame.to_csv(output_data.path, index=False)
    print(f"{len(frame)} rows, {frame.shape[1] - 1} measurements")
    return len(frame)


@dsl.component(base_image=IMAGE, packages_to_install=PACKAGES)
def validate_data(input_data: Input[Dataset], validation_report: Output[Dataset], min_rows: int) -> bool:
    """Say whether there are enough rows, few missing values and both classes."""
    import pandas as pd

    frame = pd.read_csv(input_data.path)
    report = {
        "rows": len(frame),
        "missing": float(frame.isnull().sum().sum() / frame.size),
        "classes": int(frame["target"].nunique()),
    }
    valid = report["rows"] >= min_rows and report["missing"] < 0.1 and report["classes"] == 2
    pd.DataFrame([{"valid": valid, **report}]).to_csv(validation_report.path, index=False)
    print(f"valid: {valid}, {report}")
    return valid


@dsl.component(base_image=IMAGE, packages_to_install=PACKAGES)
def train_and_evaluate(
    train_data: Input[Dataset],
    model: Output[Model],
    metrics: Output[Metrics],
    n_estimators: int,
) -> NamedTuple("Scores", [("accuracy", float), ("f1", float)]):
    """Train a random forest and measure it on a fifth of the rows that it has not seen."""
    from typing import NamedTuple

    import joblib
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.model_selection import train_test_split

    frame = pd.read_csv(train_data.path)
    features, target = frame.drop("target", axis=1), frame["target"]
    train_x, test_x, train_y, test_y = train_test_split(
        features, target, test_size=0.2, random_state=42, stratify=target
    )
    forest = RandomForestClassifier(n_estimators=n_estimators, random_state=42)
    forest.fit(train_x, train_y)
    predicted = forest.predict(test_x)
    accuracy = float(accuracy_score(test_y, predicted))
    f1 = float(f1_score(test_y, predicted, average="macro"))
    print(f"accuracy {accuracy:.4f}, F1 {f1:.4f} on {len(test_y)} rows")

    joblib.dump(forest, model.path)
    model.metadata["framework"] = "scikit-learn"
    metrics.log_metric("accuracy", accuracy)
    metrics.log_metric("f1_score", f1)
    return NamedTuple("Scores", [("accuracy", float), ("f1", float)])(accuracy, f1)


@dsl.component(base_image=IMAGE, packages_to_install=PACKAGES)
def deploy_model(model: Input[Model], sample: Input[Dataset], released: Output[Model], accuracy: float) -> str:
    """Release the model: copy it, after the copy has been loaded and has answered for real rows."""
    import shutil

    import joblib
    import pandas as pd

    shutil.copyfile(model.path, released.path)
    released.metadata["accuracy"] = accuracy
    rows = pd.read_csv(sample.path).drop("target", axis=1).head(3)
    answers = joblib.load(released.path).predict(rows).tolist()
    print(f"the released model says {answers}")
    return f"Model deployed with accuracy {accuracy:.4f}"


@dsl.component(base_image=IMAGE)
def reject_model(accuracy: float, min_accuracy: float) -> str:
    """Say why nothing was released."""
    return f"Model not deployed: accuracy {accuracy:.4f} is below {min_accuracy}"


@dsl.pipeline(name="quickstart", description="Data validation, training, evaluation and a quality gate")
def quickstart(n_estimators: int = 100, min_accuracy: float = 0.9, min_rows: int = 100):
    ingest = ingest_data()
    validate = validate_data(input_data=ingest.outputs["output_data"], min_rows=min_rows)
    with dsl.If(validate.outputs["Output"] == True, name="data-valid"):  # noqa: E712 - the SDK overloads ==
        train = train_and_evaluate(train_data=ingest.outputs["output_data"], n_estimators=n_estimators)
        with dsl.If(train.outputs["accuracy"] >= min_accuracy, name="good-enough"):
            deploy_model(
                model=train.outputs["model"],
                sample=ingest.outputs["output_data"],
                accuracy=train.outputs["accuracy"],
            )
        with dsl.Else(name="too-weak"):
            reject_model(accuracy=train.outputs["accuracy"], min_accuracy=min_accuracy)
