"""Pipelines as people look at them."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import View
from pinnace.engine.plan import NodeKind
from pinnace.ir.model import ParameterType


class WireParameterView(View):
    """A parameter of the pipeline."""

    name: str
    type: ParameterType
    optional: bool = Field(description="Whether a run may leave it out.")
    has_default: bool
    default: Any = Field(description="Any JSON value; null where there is none.")
    literals: list[Any] = Field(description="The only values that are allowed; empty for any.")
    description: str


class WireArtifactInputView(View):
    """An artifact that the pipeline takes, or gives."""

    name: str
    type: str = Field(description="The title of its schema, like `system.Model`.")
    is_list: bool
    optional: bool
    description: str


class WireDataEdge(View):
    """An output of one task that is an input of another."""

    producer: str
    output: str
    input: str
    is_artifact: bool


class WireGraphTask(View):
    """A task in its graph."""

    key: str
    display_name: str
    component: str = Field(description="A key of `graphs`, where its kind is DAG.")
    kind: NodeKind
    depends_on: list[str] = Field(description="The tasks that must have ended before.")
    edges: list[WireDataEdge]
    given: dict[str, Any] = Field(description="Its other inputs: a constant, or `$` and an input of the graph.")
    condition: str = Field(description='In the Common Expression Language; "" for none.')
    is_exit: bool = Field(description="Whether it also runs when others fail or are stopped.")
    loop: str = Field(description='What it runs once for each of, in words; "" for no loop.')
    parallelism: int = Field(description="How many iterations may run at a time; 0 for any number.")
    max_retries: int
    caching: bool
    image: str


class WireStructureView(View):
    """A pipeline: its interface and its graphs."""

    name: str
    display_name: str
    description: str
    sdk_version: str
    parameters: list[WireParameterView]
    artifacts: list[WireArtifactInputView]
    graphs: dict[str, list[WireGraphTask]] = Field(description="By component; the pipeline's own is `root`.")
