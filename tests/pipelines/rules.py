"""Rules of runs, shown by shell commands: order, failure, retries, loops, importers, deadlines, caching, placeholders.

Directories of the machine come in as parameters: tasks leave marks there that the tests read.
"""

from typing import Optional

from kfp import dsl
from kfp.dsl import Artifact, Collected, ConcatPlaceholder, ContainerSpec, Dataset, IfPresentPlaceholder, Input

IMAGE = "alpine"


def _shell(script: str, *args):
    return ContainerSpec(image=IMAGE, command=["sh", "-ec", script], args=list(args))


@dsl.container_component
def emit(text: str, out: dsl.OutputPath(str)):
    return _shell('printf %s "$0" > "$1"', text, out)


@dsl.container_component
def emit_number(value: int, out: dsl.OutputPath(int)):
    return _shell('printf %s "$0" > "$1"', value, out)


@dsl.container_component
def emit_list(values: list, out: dsl.OutputPath(list)):
    return _shell('printf %s "$0" > "$1"', values, out)


@dsl.container_component
def join(left: int, right: str, out: dsl.OutputPath(str)):
    return _shell('printf %s "$0$1" > "$2"', left, right, out)


@dsl.container_component
def show(values: list, out: dsl.OutputPath(str)):
    return _shell('printf %s "$0" > "$1"', values, out)


@dsl.container_component
def note(directory: str, text: str, seconds: str = "0"):
    return _shell('echo "$1 begins" >> "$0/notes"; sleep "$2"; echo "$1 ends" >> "$0/notes"', directory, text, seconds)


@dsl.container_component
def succeed_at(directory: str, name: str, count: int, out: dsl.OutputPath(str)):
    return _shell(
        'echo x >> "$0/$1"; n=$(grep -c x "$0/$1"); printf %s "$n" > "$3"; [ "$n" -ge "$2" ]',
        directory,
        name,
        count,
        out,
    )


@dsl.container_component
def need(path: str):
    return _shell('test -e "$0"', path)


@dsl.container_component
def wait(seconds: str):
    return _shell('sleep "$0"', seconds)


@dsl.container_component
def lazy(out: dsl.OutputPath(str)):
    return _shell("true # $0", out)


@dsl.container_component
def wrong(out: dsl.OutputPath(int)):
    return _shell('printf many > "$0"', out)


@dsl.container_component
def copy(data: Input[Dataset], out: dsl.OutputPath(str)):
    return _shell('cat "$0" > "$1"', data.path, out)


@dsl.container_component
def environment(out: dsl.OutputPath(str)):
    return _shell('printf %s "$MODE" > "$0"', out)


@dsl.container_component
def words(name: str, out: dsl.OutputPath(str), greeting: Optional[str] = None, data: Input[Artifact] = None):
    return ContainerSpec(
        image=IMAGE,
        command=["sh", "-ec", 'out="$0"; printf "<%s>" "$@" > "$out"', out],
        args=[
            ConcatPlaceholder(["--name=", name, "!"]),
            IfPresentPlaceholder(
                input_name="greeting",
                then=["--greeting", ConcatPlaceholder([greeting, ", ", name])],
                else_=["--silent"],
            ),
            IfPresentPlaceholder(input_name="data", then=["--data"]),
            "--end",
        ],
    )


@dsl.component
def typed(i: int, f: float, s: str, b: bool, items: list, d: dict, t: str = "default") -> str:
    return "|".join(map(repr, [i, f, s, b, items, d, t]))


@dsl.container_component
def choose(mode: str, out: dsl.OutputPath(str)):
    return _shell('printf %s "$0" > "$1"', mode, out)


@dsl.component
def outcome(status: dsl.PipelineTaskFinalStatus) -> str:
    return f"{status.state}|{status.error_message}"


@dsl.pipeline(name="order")
def order(directory: str) -> None:
    first = note(directory=directory, text="first", seconds="0.1")
    second = note(directory=directory, text="second").after(first)
    given = emit(text="third").after(second)
    note(directory=directory, text=given.output)


@dsl.pipeline(name="types")
def types(
    i: int = 7, f: float = 2.0, s: str = "5", b: bool = False, items: list = [1, "a"], d: dict = {"k": [1.5, True]}
) -> str:
    return typed(i=i, f=f, s=s, b=b, items=items, d=d).output


@dsl.pipeline(name="literals")
def literals() -> None:
    choose(mode="slow")
    choose(mode=emit(text="medium").output)


@dsl.pipeline(name="one-at-a-time")
def one_at_a_time(directory: str) -> None:
    with dsl.ParallelFor(["a", "b", "c"], parallelism=1) as item:
        note(directory=directory, text=item, seconds="0.1")


@dsl.pipeline(name="collected")
def collected() -> None:
    numbers = emit_list(values=[1, 2, 3])
    with dsl.ParallelFor(numbers.output) as item:
        same = emit_number(value=item)
        with dsl.If(item != 2):
            odd = emit_number(value=item)
        with dsl.ParallelFor(["x", "y"]) as letter:
            pair = join(left=item, right=letter)
    with dsl.ParallelFor(emit_list(values=[]).output) as item:
        none = emit_number(value=item)
    show(values=Collected(same.output)).set_display_name("same")
    show(values=Collected(odd.output)).set_display_name("odd")
    show(values=Collected(pair.output)).set_display_name("pairs")
    show(values=Collected(none.output)).set_display_name("none")


@dsl.pipeline(name="inner-retried")
def inner_retried(directory: str) -> str:
    good = succeed_at(directory=directory, name="good", count=1)
    return succeed_at(directory=directory, name="flaky", count=3).after(good).output


@dsl.pipeline(name="retries")
def retries(directory: str) -> str:
    succeed_at(directory=directory, name="alone", count=2).set_retry(num_retries=1, backoff_duration="0s")
    inner = inner_retried(directory=directory).set_retry(num_retries=2, backoff_duration="0s")
    with dsl.ParallelFor([1, 2], parallelism=1) as item:
        succeed_at(directory=directory, name=f"loop{item}", count=2).set_retry(num_retries=1, backoff_duration="0s")
    return inner.output


@dsl.pipeline(name="given-up")
def given_up(directory: str) -> None:
    succeed_at(directory=directory, name="never", count=9).set_retry(num_retries=2, backoff_duration="0s")


@dsl.pipeline(name="later")
def later(path: str) -> None:
    good = emit(text="kept")
    bad = need(path=path).after(good)
    emit(text="last").after(bad)


@dsl.pipeline(name="task-deadline")
def task_deadline() -> None:
    wait(seconds="60")


@dsl.pipeline(name="run-deadline", pipeline_config=dsl.PipelineConfig(active_deadline_seconds=1))
def run_deadline() -> None:
    wait(seconds="60")


@dsl.pipeline(name="stopped")
def stopped() -> None:
    last = outcome()
    with dsl.ExitHandler(last):
        held = wait(seconds="60")
        emit(text="never").after(held)


@dsl.pipeline(name="broken-outputs")
def broken_outputs() -> None:
    lazy()
    wrong()


@dsl.pipeline(name="fail-fast")
def fail_fast(path: str) -> None:
    slow = wait(seconds="0.5")
    need(path=path)
    emit(text="late").after(slow)


@dsl.pipeline(name="imported")
def imported(uri: str, uris: list[str]) -> None:
    given = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False, metadata={"rows": 3})
    copy(data=given.output).set_display_name("given")
    made = dsl.importer(artifact_uri=emit(text=uri).output, artifact_class=Dataset, reimport=True)
    copy(data=made.output).set_display_name("made")
    with dsl.ParallelFor(uris) as place:
        looped = dsl.importer(artifact_uri=place, artifact_class=Dataset)
        copy(data=looped.output).set_display_name("looped")


@dsl.pipeline(name="lost-import")
def lost_import(uri: str) -> None:
    dsl.importer(artifact_uri=uri, artifact_class=Dataset)


@dsl.pipeline(name="inner-cached")
def inner_cached(text: str) -> str:
    return emit(text=text).output


@dsl.pipeline(name="cached")
def cached(text: str = "a", other: str = "b") -> None:
    emit(text=text).set_display_name("on")
    emit(text=text).set_caching_options(False).set_display_name("off")
    emit(text=other).set_caching_options(True, cache_key="key").set_display_name("keyed")
    inner_cached(text="inside").set_display_name("group on")
    inner_cached(text="beneath").set_caching_options(False).set_display_name("group off")


@dsl.pipeline(name="placeholders")
def placeholders(name: str = "ana") -> None:
    words(name=name).set_display_name("short")
    words(name=name, greeting="hello").set_display_name("long")
    environment().set_env_variable("MODE", "fast").set_display_name("env")
    emit(text=f'{name}\'s "run" {dsl.PIPELINE_JOB_NAME_PLACEHOLDER}').set_display_name("text")
