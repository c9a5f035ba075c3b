"""Pipelines small enough to read, for tests of the engine, and ways to drive them."""

from collections.abc import Mapping
from typing import Any

from pinnace.domain.values import SECOND, Instant
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.decide import advance
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import build_plan
from pinnace.engine.state import apply
from pinnace.ir.model import (
    Component,
    Container,
    Dag,
    FinalStatus,
    InputsSpec,
    Iterator,
    OutputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    Pipeline,
    RawItems,
    Task,
    TaskInputs,
    TaskOutput,
    TriggerStrategy,
)
from pinnace.ir.platform import PipelineConfig
from pinnace.testing.engine_driver import RUN, Played

LEAF = Component("comp-leaf", Container("i", ("true",)), outputs=OutputsSpec({"out": ParameterType.INTEGER}))


ITEM = InputsSpec({"item": ParameterSpec(ParameterType.INTEGER)})


ANY = TriggerStrategy.COMPLETED


NOTHING = InputsSpec()


NO_CONFIG = PipelineConfig()


def task(key: str, *after: str, component: str = "comp-leaf", **fields: Any) -> Task:
    """A task of the component ``comp-leaf``, or of another one."""
    return Task(key, component, depends_on=after, **fields)


def group(name: str, *tasks: Task, inputs: InputsSpec = NOTHING, outputs: Any = None) -> Component:
    """A DAG component; *outputs* says which task gives which."""
    selectors = {name: (source,) for name, source in (outputs or {}).items()}
    dag = Dag({each.key: each for each in tasks}, selectors)
    return Component(name, dag, inputs, OutputsSpec(dict.fromkeys(outputs or (), ParameterType.INTEGER)))


def played(root: Component, *components: Component, fails: Any = (), config: PipelineConfig = NO_CONFIG) -> Played:
    """A run of *root* that was created and not yet started."""
    every = {component.name: component for component in (LEAF, *components)}
    plan = build_plan(Pipeline("p", root, every, config=config))
    created = ev.RunCreated(Instant(SECOND))
    state = RunSnapshot(RUN)
    apply(plan, state, created)
    return Played(plan, state, [created], frozenset(fails))


def root(*tasks: Task) -> Component:
    """The root DAG."""
    return group("root", *tasks)


def phases(run: Played) -> Mapping[str, str]:
    """The phase of every node but the root."""
    return {node: phase for node, phase in run.phases().items() if node != "."}


def step(run: Played, signal: sig.Signal) -> list[Any]:
    """One signal, its commands left unanswered."""
    run.clock += SECOND
    decision = advance(run.plan, run.state, signal, Instant(run.clock))
    return [*decision.events, *decision.commands]


def loop(*, parallelism: int = 0, items: int = 3, **fields: Any) -> Task:
    """A task ``loop`` over the numbers from 0 on."""
    iterator = Iterator(RawItems(tuple(range(items))), "item", parallelism=parallelism)
    return task("loop", component="comp-body", iterator=iterator, **fields)


BODY = group("comp-body", task("t"), inputs=ITEM, outputs={"out": TaskOutput("t", "out")})


EXIT = task("exit", "body", strategy=ANY, inputs=TaskInputs({"status": ParameterBinding(FinalStatus("body"))}))
