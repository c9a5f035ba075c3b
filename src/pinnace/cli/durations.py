"""Durations as people write them: ``30d``, ``12h``, ``1h30m``."""

import re
from typing import Final

import click

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_LONGEST: Final = 100 * 365 * 86_400.0


class Duration(click.ParamType[float]):
    """An option whose value is a duration; in seconds, 0 for none."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See click."""
        if isinstance(value, float | int):
            return float(value)
        seconds = seconds_of(value)
        if seconds is None:
            self.fail(
                f'"{value}" is no duration. Write numbers with a unit: s, m, h, d or w, for instance 12h, 30d or 4w; '
                "0 for none.",
                param,
                ctx,
            )
        return seconds


def seconds_of(text: str) -> float | None:
    """The seconds of a duration, None if it is none or longer than a hundred years."""
    text = text.strip()
    if text in {"", "0"}:
        return 0.0
    if not re.fullmatch(f"(?:{_PART.pattern})+", text):
        return None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return seconds if seconds <= _LONGEST else None


DURATION: Final = Duration()
