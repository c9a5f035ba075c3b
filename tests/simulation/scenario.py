"""What one seed stands for: a pipeline, how its tasks behave, and what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulation.shapes import Shape, canonical, make_value, stable_random

from pinnace.domain.values import JsonValue
from pinnace.ir.model import Component, ParameterType, Pipeline


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of a condition; ``cast`` reads the input through ``int()``, as the compiler does for integers."""

    name: str
    operator: str
    literal: JsonValue
    cast: bool
    negated: bool

    def cel(self) -> str:
        """The comparison as the compiler writes it."""
        reference = f"inputs.parameter_values['{self.name}']"
        operand = f"int({reference})" if self.cast else reference
        if isinstance(self.literal, bool):
            literal = "true" if self.literal else "false"
        else:
            literal = f"'{self.literal}'" if isinstance(self.literal, str) else str(self.literal)
        text = f"{operand} {self.operator} {literal}"
        return f"!({text})" if self.negated else text


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the code of tasks behaves, as a function of the node and of how often it was tried.

    Attributes:
        failing: Share of nodes whose code always fails.
        flaky: Share of nodes whose code fails some times before it succeeds.
        repaired: Whether what always fails succeeds once the run was retried.
    """

    seed: int
    failing: float = 0.0
    flaky: float = 0.0
    repaired: bool = True

    def fails(self, node: str, ran_before: int, epoch: int) -> bool:
        """Whether the code fails, having run to its end *ran_before* times already in this run."""
        source = stable_random("behaviour", self.seed, node)
        draw = source.random()
        if draw < self.failing:
            return not (self.repaired and epoch)
        return draw < self.failing + self.flaky and ran_before < source.randint(1, 3)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task gives: parameters, and ids of artifacts."""

    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A generated pipeline with what is needed to run it.

    Attributes:
        parameters: What the user submits.
        caching: What the user says of the cache.
        conditions: The meaning of each condition text: all comparisons must hold.
        shapes: Shapes of the output parameters, by component and key.
        features: What of the engine the pipeline uses.
    """

    seed: int
    pipeline: Pipeline
    parameters: Mapping[str, JsonValue]
    caching: bool | None
    conditions: Mapping[str, tuple[Comparison, ...]]
    shapes: Mapping[str, Mapping[str, Shape]]
    behaviour: Behaviour
    features: frozenset[str]

    def run_code(self, component: Component, given: Outcome, node: str) -> Outcome:
        """What the code of a container or an importer gives for *given* inputs: the "user code" of the simulation.

        Defaults of the component fill what is missing, as the launcher does it, and null counts as missing.
        """
        values = {name: spec.default for name, spec in component.inputs.parameters.items() if spec.has_default}
        values |= {name: value for name, value in given.parameters.items() if value is not None}
        statuses = {n for n, s in component.inputs.parameters.items() if s.type is ParameterType.FINAL_STATUS}
        seen = {
            name: _state_of(value) if name in statuses else value for name, value in values.items() if value is not None
        }
        artifacts = {name: list(ids) for name, ids in given.artifacts.items() if ids}
        base = canonical([component.name, node, seen, artifacts])
        shapes = self.shapes.get(component.name, {})
        return Outcome(
            {key: make_value(shapes[key], stable_random(base, key)) for key in component.outputs.parameters},
            {
                key: tuple(f"{node}#{key}#{index}" for index in range(_count(spec.is_list, base, key)))
                for key, spec in component.outputs.artifacts.items()
            },
        )


def _count(is_list: bool, base: str, key: str) -> int:
    return stable_random(base, key, "count").randint(0, 3) if is_list else 1


def _state_of(status: JsonValue) -> JsonValue:
    """What the code reads of a final status: the state. The rest is text for people."""
    return status["state"] if isinstance(status, dict) else status
