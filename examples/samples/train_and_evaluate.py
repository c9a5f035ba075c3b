"""A model that learns to tell two kinds of points apart, with metrics, a ROC curve and a confusion matrix.

Logistic regression in plain Python, so that nothing has to be installed.
"""

from kfp import dsl
from kfp.dsl import ClassificationMetrics, Dataset, Input, Metrics, Model, Output

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def make_points(rows: int, seed: int, points: Output[Dataset]) -> int:
    """Two clouds of points that overlap a little, as a CSV file."""
    import csv
    import random

    source = random.Random(seed)
    with open(points.path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["x", "y", "kind"])
        for row in range(rows):
            kind = row % 2
            table.writerow([round(source.gauss(kind * 1.6, 1), 4), round(source.gauss(kind * 1.2, 1), 4), kind])
    points.metadata["rows"] = rows
    return rows


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def train(points: Input[Dataset], rate: float, epochs: int, model: Output[Model]) -> float:
    """Fit the weights; returns the last loss."""
    import csv
    import json
    import math

    with open(points.path, encoding="utf-8") as file:
        rows = [(1.0, float(row["x"]), float(row["y"]), int(row["kind"])) for row in csv.DictReader(file)]
    weights = [0.0, 0.0, 0.0]
    loss = 0.0
    for epoch in range(epochs):
        slopes = [0.0, 0.0, 0.0]
        loss = 0.0
        for *values, kind in rows:
            guess = 1 / (1 + math.exp(-sum(weight * value for weight, value in zip(weights, values))))
            loss -= math.log(max(1e-12, guess if kind else 1 - guess)) / len(rows)
            slopes = [slope + (guess - kind) * value / len(rows) for slope, value in zip(slopes, values)]
        weights = [weight - rate * slope for weight, slope in zip(weights, slopes)]
        if epoch % max(1, epochs // 10) == 0:
            print(f"epoch {epoch}: loss {loss:.4f}", flush=True)
    with open(model.path, "w", encoding="utf-8") as file:
        json.dump({"weights": weights}, file, indent=2)
    model.metadata["loss"] = loss
    return loss


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def evaluate(
    points: Input[Dataset],
    model: Input[Model],
    metrics: Output[Metrics],
    curves: Output[ClassificationMetrics],
) -> float:
    """Accuracy, the ROC curve with its area, and the confusion matrix."""
    import csv
    import json
    import math

    with open(model.path, encoding="utf-8") as file:
        weights = json.load(file)["weights"]
    scored = []
    with open(points.path, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sum_ = weights[0] + weights[1] * float(row["x"]) + weights[2] * float(row["y"])
            scored.append((1 / (1 + math.exp(-sum_)), int(row["kind"])))
    positives = sum(kind for _, kind in scored)
    negatives = len(scored) - positives
    thresholds = [1.0, *(step / 50 for step in range(49, -1, -1))]
    true_rates = [sum(kind for score, kind in scored if score >= limit) / positives for limit in thresholds]
    false_rates = [sum(1 - kind for score, kind in scored if score >= limit) / negatives for limit in thresholds]
    curves.log_roc_curve(false_rates, true_rates, thresholds)
    cells = [[0, 0], [0, 0]]
    for score, kind in scored:
        cells[kind][int(score >= 0.5)] += 1
    curves.log_confusion_matrix(["blue", "red"], cells)
    accuracy = (cells[0][0] + cells[1][1]) / len(scored)
    area = sum(
        (false_rates[at] - false_rates[at - 1]) * (true_rates[at] + true_rates[at - 1]) / 2
        for at in range(1, len(thresholds))
    )
    metrics.log_metric("accuracy", round(accuracy, 4))
    metrics.log_metric("auc", round(area, 4))
    print(f"accuracy {accuracy:.3f}, area under the curve {area:.3f}")
    return accuracy


@dsl.pipeline(name="train-and-evaluate")
def pipeline(rows: int = 400, rate: float = 0.5, epochs: int = 60) -> float:
    """Trains a small model on made-up points and draws how good it is.

    Args:
        rows: How many points to learn from, and as many to be judged by.
        rate: How far each step of the training goes.
        epochs: How many steps there are.
    """
    known = make_points(rows=rows, seed=1).set_display_name("points to learn from")
    unseen = make_points(rows=rows, seed=2).set_display_name("points to judge by")
    trained = train(points=known.outputs["points"], rate=rate, epochs=epochs)
    judged = evaluate(points=unseen.outputs["points"], model=trained.outputs["model"])
    return judged.outputs["Output"]
