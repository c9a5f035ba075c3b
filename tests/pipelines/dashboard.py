"""Pipelines that the dashboard's tests look at."""

from kfp import dsl


@dsl.component(install_kfp_package=False)
def load(rows: int, data: dsl.Output[dsl.Dataset]) -> int:
    with open(data.path, "w", encoding="utf-8") as file:
        file.write("x" * rows)
    return rows


@dsl.component(install_kfp_package=False)
def train(data: dsl.Input[dsl.Dataset], rate: float) -> float:
    return 1 - rate


@dsl.component(install_kfp_package=False)
def judge(rows: int, least: int) -> str:
    if rows < least:
        raise ValueError(f"{rows} rows are too few")
    return "good"


@dsl.pipeline(name="train-and-judge")
def train_and_judge(rows: int = 5, least: int = 1) -> None:
    loaded = load(rows=rows)
    with dsl.ParallelFor([0.1, 0.2]) as rate:
        train(data=loaded.outputs["data"], rate=rate)
    judged = judge(rows=loaded.outputs["Output"], least=least)
    with dsl.If(judged.output == "good", name="is-good"):
        load(rows=1)


@dsl.component(install_kfp_package=False)
def items(count: int) -> list:
    return list(range(count))


@dsl.component(install_kfp_package=False)
def work(item: int) -> int:
    return item


@dsl.component(install_kfp_package=False)
def say(text: str = "done") -> None:
    assert text


@dsl.pipeline(name="shapes")
def shapes(count: int, text: str = "end") -> None:
    last = say(text=text)
    with dsl.ExitHandler(last, name="guarded"):
        made = items(count=count).set_retry(2)
        with dsl.ParallelFor(made.output, parallelism=3) as item:
            done = work(item=item)
            with dsl.If(done.output == 1):
                say(text="one")
