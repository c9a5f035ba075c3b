"""Kubernetes quantities: ``500m``, ``2``, ``1.5Gi``, ``1e3``."""

import math
import re
from decimal import Decimal
from typing import Final

from pinnace.errors import InvalidInput

_QUANTITY: Final = re.compile(
    r"\+?(?P<number>\d+\.?\d*|\.\d+)(?:[eE](?P<exponent>[+-]?\d{1,2})|(?P<suffix>[A-Za-z]{1,2})?)\Z"
)
_SUFFIXES: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_LONGEST: Final = 40


class QuantityError(InvalidInput):
    """A text is not a quantity of what it is for."""


def cores(text: str) -> float:
    """Processor cores: ``2`` and ``500m`` are 2.0 and 0.5.

    Raises:
        QuantityError: It is no quantity.
    """
    return float(_quantity(text, 'Write cores, such as "2" or "500m".'))


def size_bytes(text: str) -> int:
    """Bytes, rounded up: ``1.5Gi``, ``512M``.

    Raises:
        QuantityError: It is no quantity.
    """
    return math.ceil(_quantity(text, 'Write a size, such as "512Mi" or "2G".'))


def count(text: str) -> int:
    """A whole number of devices.

    Raises:
        QuantityError: It is no whole number.
    """
    number = _quantity(text, 'Write a whole number, such as "1".')
    if number != int(number):
        raise QuantityError(f'"{text}" is not a whole number. Write a whole number, such as "1".')
    return int(number)


def _quantity(text: str, cure: str) -> Decimal:
    found = _QUANTITY.match(text.strip()) if len(text) <= _LONGEST else None
    if found is None or (found["suffix"] or "") not in _SUFFIXES:
        raise QuantityError(f'"{text[:_LONGEST]}" is not a quantity. {cure}')
    return Decimal(found["number"]) * _SUFFIXES[found["suffix"] or ""] * Decimal(10) ** int(found["exponent"] or 0)
