"""Durations on the command line."""

import click
import pytest
from click.testing import CliRunner

from pinnace.cli.durations import DURATION, seconds_of
from pinnace.cli.gc import gc

TEXTS = {"30d": 2_592_000, "12h": 43_200, "4w": 2_419_200, "1h30m": 5400, "720h0m0s": 2_592_000, "1.5d": 129_600}


@pytest.mark.parametrize(("text", "seconds"), {**TEXTS, "": 0, "0": 0, " 5s ": 5}.items())
def test_a_duration_is_numbers_with_units(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["30", "d", "-1d", "30 d", "3y", "1e3d", "99999999w", "forever", "1d!"])
def test_anything_else_is_refused_with_the_cure(text: str) -> None:
    assert seconds_of(text) is None
    command = click.Command("c", params=[click.Option(["--keep"], type=DURATION)], callback=lambda keep: None)
    refused = CliRunner().invoke(command, [f"--keep={text}"])
    assert refused.exit_code == 2
    assert "is no duration. Write numbers with a unit: s, m, h, d or w, for instance 12h, 30d or 4w" in refused.output


def test_no_run_is_older_than_nothing() -> None:
    refused = CliRunner().invoke(gc, ["--runs-older-than", "0"])
    assert "Give a duration, for instance 30d." in str(refused.exception)
