"""A step that fails until what it needs is there, and is tried again."""

from kfp import dsl

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def call_service(began: str, ready_after: int) -> str:
    """Stands for a service that starts together with the run, and takes its time."""
    import datetime

    start = datetime.datetime.fromisoformat(began.replace("Z", "+00:00"))
    waited = (datetime.datetime.now(datetime.timezone.utc) - start).total_seconds()
    print(f"The run began {waited:.1f} seconds ago.")
    if waited < ready_after:
        raise ConnectionError(f"The service is not ready: it takes {ready_after} seconds, and {waited:.1f} have passed")
    return "hello"


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def use_answer(answer: str):
    """Whatever needs the service."""
    print(f"The service says {answer}.")


@dsl.component(base_image=IMAGE, install_kfp_package=False)
def tidy_up(status: dsl.PipelineTaskFinalStatus):
    """Runs at the end, whatever happened before."""
    print(f"Everything before ended as {status.state}.")


@dsl.pipeline(name="retry-until-ready")
def pipeline(ready_after: int = 5):
    """Calls a service that is not ready yet: the first attempts fail, a later one succeeds.

    Args:
        ready_after: Seconds until the service is there. With 60 the attempts are used up and the run fails.
    """
    with dsl.ExitHandler(tidy_up(), name="with-clean-up"):
        called = call_service(began=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER, ready_after=ready_after)
        called.set_caching_options(False)
        called.set_retry(num_retries=4, backoff_duration="2s", backoff_factor=1)
        use_answer(answer=called.output)
