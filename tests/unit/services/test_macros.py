"""Macros in parameters, Go's layouts and strftime. 2024-01-02 15:04:05 UTC was a Tuesday."""

from datetime import UTC, datetime

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.values import SECOND, Instant, JsonValue
from pinnace.services.go_time import go_format, strftime
from pinnace.services.macros import Moment, fill_in

AT = Instant(int(datetime(2024, 1, 2, 15, 4, 5, tzinfo=UTC).timestamp()) * SECOND + 678_900)
EVENING = Instant(int(datetime(2023, 12, 31, 0, 7, 9, tzinfo=UTC).timestamp()) * SECOND)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("20060102150405", "20240102150405"),
        ("2006-01-02T15:04:05Z07:00", "2024-01-02T15:04:05Z"),
        ("2006-01-02T15:04:05-07:00", "2024-01-02T15:04:05+00:00"),
        ("Mon Jan _2 15:04:05 MST 2006", "Tue Jan  2 15:04:05 UTC 2024"),
        ("Monday, January 2, '06 3:04PM", "Tuesday, January 2, '24 3:04PM"),
        ("03:04:05 pm", "03:04:05 pm"),
        ("1/2/06 -0700 Z0700 -07 Z07", "1/2/24 +0000 Z +00 Z"),
        ("002 __2", "002   2"),
        ("05.000 05,000000 05.999 05.9999999", "05.678 05,678900 05.678 05.6789"),
        ("_2006", "_2024"),
        ("Janus Month", "Janus Month"),
        ("", ""),
        ("no fields", "no fields"),
    ],
)
def test_a_layout_of_go(layout: str, expected: str) -> None:
    assert go_format(AT, layout) == expected


def test_a_layout_of_go_after_midnight() -> None:
    assert go_format(EVENING, "3:4:5 PM pm .000 .999") == "12:7:9 AM am .000 "


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("%Y-%m-%d", "2024-01-02"),
        ("%H:%M:%S %p %I", "15:04:05 PM 03"),
        ("%A %a %B %b %h", "Tuesday Tue January Jan Jan"),
        ("%C|%y|%e|%j|%k|%l", "20|24| 2|002|15| 3"),
        ("%D %F %R %T", "01/02/24 2024-01-02 15:04 15:04:05"),
        ("%s", str(AT // SECOND)),
        ("%U %V %W %u %w", "00 01 01 2 2"),
        ("%c %v %x %X %r", "Tue Jan  2 15:04:05 2024  2-Jan-2024 01/02/24 15:04:05 03:04:05 PM"),
        ("100%%", "100%"),
        ("%Z%z%n%t", "UTC+0000\n\t"),
        ("2006", "2006"),
        ("", ""),
    ],
)
def test_strftime(form: str, expected: str) -> None:
    assert strftime(AT, form) == expected


@pytest.mark.parametrize("form", ["%Q", "%", "%Y%", "%-d"])
def test_what_strftime_does_not_know(form: str) -> None:
    assert strftime(AT, form) is None


def test_weeks_of_strftime_agree_with_the_library_of_c() -> None:
    for day in range(800):
        at = Instant(AT + day * 86_400 * SECOND)
        moment = datetime.fromtimestamp(at // SECOND, UTC)
        assert strftime(at, "%U %V %W %u %w %j") == moment.strftime("%U %V %W %u %w %j")


MOMENT = Moment(RunId("the-run"), now=AT, scheduled=EVENING, index=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[RunUUID]]", "the-run"),
        ("[[Index]]", "7"),
        ("[[ScheduledTime]]", "20231231000709"),
        ("[[CurrentTime]]", "20240102150405"),
        ("[[ScheduledTime.2006-01-02]]", "2023-12-31"),
        ("[[CurrentTime.15-04-05]]", "15-04-05"),
        ("{{$.scheduledTime.strftime('%Y-%m-%d')}}", "2023-12-31"),
        ("{{$.currentTime.strftime('%H')}}", "15"),
        ("a [[Index]]/[[Index]] b [[RunUUID]]", "a 7/7 b the-run"),
        ("[[Other]] [[runuuid]] [[Index.1]] {{$.x}} [Index]", "[[Other]] [[runuuid]] [[Index.1]] {{$.x}} [Index]"),
        ("{{$.scheduledTime.strftime('%Q')}}", "{{$.scheduledTime.strftime('%Q')}}"),
        ("{{$.pipeline_job_schedule_time_utc}}", "{{$.pipeline_job_schedule_time_utc}}"),
    ],
)
def test_a_macro_in_a_text(text: str, expected: str) -> None:
    assert fill_in({"p": text}, MOMENT) == {"p": expected}


def test_macros_count_in_texts_of_the_top_level_only() -> None:
    values: dict[str, JsonValue] = {"list": ["[[Index]]"], "object": {"k": "[[Index]]"}, "number": 1, "nothing": None}
    assert fill_in(values, MOMENT) == values


def test_what_a_run_does_not_have_stays() -> None:
    alone = Moment(RunId("r"), now=AT)
    text = "[[Index]] [[ScheduledTime]] [[ScheduledTime.2006]] {{$.scheduledTime.strftime('%Y')}}"
    assert fill_in({"p": text, "q": "[[RunUUID]] [[CurrentTime.2006]]"}, alone) == {"p": text, "q": "r 2024"}
