"""Checks of a whole pipeline: every fault that is certain to make a run fail, found before one is made."""

from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import Component, Dag, Pipeline
from pinnace.ir.validate_bindings import check_bindings
from pinnace.ir.validate_defaults import check_defaults
from pinnace.ir.validate_graph import check_containment, check_order
from pinnace.ir.validate_names import check_names
from pinnace.ir.validate_tasks import Scope, check_outputs, check_tasks


def validate(pipeline: Pipeline, diagnostics: Diagnostics) -> None:
    """Record every fault of *pipeline*."""
    check_names(pipeline, diagnostics)
    if not isinstance(pipeline.root.implementation, Dag):
        diagnostics.error("root", "The root must be a DAG with tasks. Compile a pipeline, not a component.", "root")
    check_containment(pipeline, diagnostics)
    for component in (pipeline.root, *pipeline.components.values()):
        _check_component(component, pipeline, diagnostics)


def _check_component(component: Component, pipeline: Pipeline, diagnostics: Diagnostics) -> None:
    path = "root" if component is pipeline.root else at("components", component.name)
    check_defaults(component, path, diagnostics)
    dag = component.implementation
    if not isinstance(dag, Dag):
        return
    scope = Scope(component, dag, pipeline.components, f"{path}.dag", diagnostics)
    check_tasks(scope)
    check_bindings(scope)
    check_outputs(scope)
    check_order(dag, scope.path, diagnostics)
