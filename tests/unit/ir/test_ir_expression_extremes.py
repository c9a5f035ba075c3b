"""Conditions over values that no computation was made for: an error in words, never a crash."""

import pytest

from pinnace.domain.values import JsonValue
from pinnace.ir.expressions import ExpressionError, evaluate_condition

X = "inputs.parameter_values['x']"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (f"{X}[0] > 1", [10**400]),
        (f"{X} > 1", 10**400),
        (f"int({X}) / 0 == 1", 5),
        (f"int({X}) > {'9' * 30}", 5),
        (f"int('9223372036854775807') + int({X}) > 0", 5),
        ("(" * 500 + "true" + ")" * 500, 0),
        ("!" * 5000 + "true", 0),
        (" && ".join(["true"] * 5000), 0),
        ("dyn(" * 200 + "1" + ")" * 200, 0),
        ("nosuch(1)", 0),
        ("1", 0),
    ],
)
def test_what_cannot_be_computed_is_an_error_in_few_words(expression: str, value: JsonValue) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_condition(expression, {"x": value})
    assert len(str(caught.value)) < 1000
    assert "Activation" not in str(caught.value)


def test_a_pattern_that_backtracks_elsewhere_does_not_here() -> None:
    assert evaluate_condition(f"{X}.matches('^(a+)+$')", {"x": "a" * 100 + "b"}) is False
