"""Two states of one pipeline: what a person has changed between them."""

from kfp import dsl


@dsl.component(packages_to_install=["numpy==1"], install_kfp_package=False)
def fit(rate: float) -> float:
    return rate


@dsl.component(packages_to_install=["numpy==2"], install_kfp_package=False)
def fit_again(rate: float) -> float:
    return rate * 2


@dsl.pipeline(name="fitting")
def before() -> None:
    with dsl.ParallelFor([1.0, 2.0]):
        fit(rate=0.5)
    fit(rate=0.1)


@dsl.pipeline(name="fitting")
def after() -> None:
    with dsl.ParallelFor([1.0, 3.0]):
        fit_again(rate=0.5).set_retry(2)
