"""Times as Go writes them, since macros of KFP have Go's layouts, and strftime's. All times are UTC, in English."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pinnace.domain.values import Instant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_GO: Final[Mapping[str, Callable[[datetime], str]]] = {
    "January": lambda at: _MONTHS[at.month - 1],
    "Jan": lambda at: _MONTHS[at.month - 1][:3],
    "Monday": lambda at: _DAYS[at.weekday()],
    "Mon": lambda at: _DAYS[at.weekday()][:3],
    "MST": lambda _at: "UTC",
    "2006": lambda at: f"{at.year:04}",
    "002": lambda at: f"{at.timetuple().tm_yday:03}",
    "01": lambda at: f"{at.month:02}",
    "02": lambda at: f"{at.day:02}",
    "03": lambda at: f"{_twelve(at):02}",
    "04": lambda at: f"{at.minute:02}",
    "05": lambda at: f"{at.second:02}",
    "06": lambda at: f"{at.year % 100:02}",
    "__2": lambda at: f"{at.timetuple().tm_yday:3}",
    "_2": lambda at: f"{at.day:2}",
    "15": lambda at: f"{at.hour:02}",
    "1": lambda at: str(at.month),
    "2": lambda at: str(at.day),
    "3": lambda at: str(_twelve(at)),
    "4": lambda at: str(at.minute),
    "5": lambda at: str(at.second),
    "PM": lambda at: "PM" if at.hour >= 12 else "AM",
    "pm": lambda at: "pm" if at.hour >= 12 else "am",
    "Z07:00:00": lambda _at: "Z",
    "Z070000": lambda _at: "Z",
    "Z07:00": lambda _at: "Z",
    "Z0700": lambda _at: "Z",
    "Z07": lambda _at: "Z",
    "-07:00:00": lambda _at: "+00:00:00",
    "-070000": lambda _at: "+000000",
    "-07:00": lambda _at: "+00:00",
    "-0700": lambda _at: "+0000",
    "-07": lambda _at: "+00",
}
_FRACTION: Final = r"[.,](?:0+|9+)(?![0-9])"
_LAYOUT: Final = re.compile(
    "|".join(
        [
            *(re.escape(key) + ("(?![a-z])" if key in {"Jan", "Mon"} else "") for key in _GO if key != "_2"),
            "_2(?!006)",
            _FRACTION,
        ]
    )
)

_STRFTIME: Final[Mapping[str, str]] = {
    "A": "Monday",
    "a": "Mon",
    "B": "January",
    "b": "Jan",
    "c": "Mon Jan _2 15:04:05 2006",
    "D": "01/02/06",
    "d": "02",
    "e": "_2",
    "F": "2006-01-02",
    "H": "15",
    "h": "Jan",
    "I": "03",
    "j": "002",
    "M": "04",
    "m": "01",
    "n": "\n",
    "p": "PM",
    "R": "15:04",
    "r": "03:04:05 PM",
    "S": "05",
    "T": "15:04:05",
    "t": "\t",
    "v": "_2-Jan-2006",
    "X": "15:04:05",
    "x": "01/02/06",
    "Y": "2006",
    "y": "06",
    "Z": "MST",
    "z": "-0700",
    "%": "%",
}
_COUNTED: Final[Mapping[str, Callable[[datetime], str]]] = {
    "C": lambda at: f"{at.year // 100:02}",
    "k": lambda at: f"{at.hour:2}",
    "l": lambda at: f"{_twelve(at):2}",
    "s": lambda at: str((at - _EPOCH) // timedelta(seconds=1)),
    "U": lambda at: f"{(at.timetuple().tm_yday + 6 - at.isoweekday() % 7) // 7:02}",
    "u": lambda at: str(at.isoweekday()),
    "V": lambda at: f"{at.isocalendar().week:02}",
    "W": lambda at: f"{(at.timetuple().tm_yday + 6 - at.weekday()) // 7:02}",
    "w": lambda at: str(at.isoweekday() % 7),
}
_VERB: Final = re.compile(f"%([{''.join([*_STRFTIME, *_COUNTED])}])")
_FORM: Final = re.compile(f"(?:[^%]|{_VERB.pattern})*", re.DOTALL)


def go_format(instant: Instant, layout: str) -> str:
    """*instant* in a layout of Go, which writes the time 15:04:05 on Monday the 2nd of January 2006."""
    at = _EPOCH + timedelta(microseconds=instant)
    return _LAYOUT.sub(lambda found: _go_part(found[0], at), layout)


def strftime(instant: Instant, form: str) -> str | None:
    """*instant* in a format of strftime; None if there is something in it that nobody knows."""
    if not _FORM.fullmatch(form):
        return None
    at = _EPOCH + timedelta(microseconds=instant)
    return _VERB.sub(
        lambda verb: _COUNTED[verb[1]](at) if verb[1] in _COUNTED else go_format(instant, _STRFTIME[verb[1]]), form
    )


def _go_part(key: str, at: datetime) -> str:
    if key in _GO:
        return _GO[key](at)
    digits = f"{at.microsecond:06}000"[: len(key) - 1].ljust(len(key) - 1, "0")
    if key[1] == "9":
        digits = digits.rstrip("0")
    return key[0] + digits if digits else ""


def _twelve(at: datetime) -> int:
    return at.hour % 12 or 12
