"""Checks of a whole pipeline."""

from pinnace.ir.diagnostics import Diagnostics
from pinnace.ir.model import Pipeline


def validate(pipeline: Pipeline, diagnostics: Diagnostics) -> None:
    """Record every fault that is certain to make a run fail."""
    del pipeline, diagnostics
