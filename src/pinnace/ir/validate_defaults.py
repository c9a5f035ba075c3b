"""Checks of default values and literals of every component's inputs."""

from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import Component
from pinnace.ir.parameters import ParameterError, check_literals, conform


def check_defaults(component: Component, path: str, diagnostics: Diagnostics) -> None:
    """Record defaults and literals that the parameter's own type does not take."""
    for name, spec in component.inputs.parameters.items():
        place = at(f"{path}.inputDefinitions.parameters", name)
        for index, literal in enumerate(spec.literals):
            try:
                conform(name, spec.type, literal)
            except ParameterError as error:
                diagnostics.error(
                    at(f"{place}.literals", index), f"{error}. Change the literal or the type.", "default"
                )
        if spec.has_default and spec.default is not None:
            try:
                check_literals(name, spec, conform(name, spec.type, spec.default))
            except ParameterError as error:
                diagnostics.error(f"{place}.defaultValue", f"{error}. Change the default or the type.", "default")
