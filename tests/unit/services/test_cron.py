"""KFP's cron dialect. Expectations follow from the documented rules of robfig/cron v1.2, which upstream parses with."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinnace.domain.values import SECOND, Instant
from pinnace.errors import InvalidInput
from pinnace.services.cron import CronExpression, coming, parse_cron, zone_of

BERLIN = "Europe/Berlin"


def instant(text: str) -> Instant:
    moment = datetime.fromisoformat(text)
    return Instant(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * SECOND)


def text_of(at: Instant | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


NEXT = [
    # Seconds come first, also where there are five fields.
    ("*/5 * * * *", "2024-05-08 10:00:03", "2024-05-08 10:00:05"),
    ("0 */5 * * *", "2024-05-08 10:00:03", "2024-05-08 10:05:00"),
    ("0 */5 * * * *", "2024-05-08 10:00:03", "2024-05-08 10:05:00"),
    ("30 15 9 * * *", "2024-05-08 09:15:30", "2024-05-09 09:15:30"),
    ("30 15 9 * *", "2024-05-08 09:15:29", "2024-05-08 09:15:30"),
    # A question mark is a star; names in any case; ranges, lists and steps.
    ("0 0 9 ? * 2-6", "2024-05-10 09:00:00", "2024-05-11 09:00:00"),
    ("0 0 9 ? * MON-FRI", "2024-05-10 09:00:00", "2024-05-13 09:00:00"),
    ("0 0 0 1 jan,Jul ?", "2024-01-01 00:00:00", "2024-07-01 00:00:00"),
    ("0 10-20/5 * * * *", "2024-05-08 10:20:00", "2024-05-08 11:10:00"),
    ("0 40/10 * * * *", "2024-05-08 10:50:00", "2024-05-08 11:40:00"),
    ("?/20 * * * * ?", "2024-05-08 10:00:40", "2024-05-08 10:01:00"),
    ("0 0 0 * * WED/2", "2024-05-08 00:00:00", "2024-05-10 00:00:00"),
    ("0,,30 * * * * *", "2024-05-08 10:00:00", "2024-05-08 10:00:30"),
    ("+5 * * * * *", "2024-05-08 10:00:00", "2024-05-08 10:00:05"),
    ("*-3 * * * * *", "2024-05-08 10:00:10", "2024-05-08 10:00:11"),
    # Sunday is 0. Both days restricted: either; a star in one of them, with or without a step: both.
    ("0 0 0 ? * 0", "2024-05-08 00:00:00", "2024-05-12 00:00:00"),
    ("0 0 0 13 * FRI", "2024-05-10 00:00:00", "2024-05-13 00:00:00"),
    ("0 0 0 13 * FRI", "2024-05-13 00:00:00", "2024-05-17 00:00:00"),
    ("0 0 0 */2 * FRI", "2024-05-10 00:00:00", "2024-05-17 00:00:00"),
    ("0 0 0 13 * */2", "2024-05-08 00:00:00", "2024-06-13 00:00:00"),
    ("0 0 0 20,*/15 * MON", "2024-05-08 00:00:00", "2024-05-20 00:00:00"),
    # Years apart; the end of a month, a year.
    ("0 0 0 29 2 ?", "2024-02-29 00:00:00", "2028-02-29 00:00:00"),
    ("0 0 0 31 * ?", "2024-05-31 00:00:00", "2024-07-31 00:00:00"),
    ("59 59 23 31 12 *", "2024-12-31 23:59:58", "2024-12-31 23:59:59"),
    ("0 0 0 1 1 *", "2024-12-31 23:59:59", "2025-01-01 00:00:00"),
    # Descriptors.
    ("@hourly", "2024-05-08 10:00:00", "2024-05-08 11:00:00"),
    ("@daily", "2024-05-08 10:00:00", "2024-05-09 00:00:00"),
    ("@midnight", "2024-05-08 10:00:00", "2024-05-09 00:00:00"),
    ("@weekly", "2024-05-08 10:00:00", "2024-05-12 00:00:00"),
    ("@monthly", "2024-05-08 10:00:00", "2024-06-01 00:00:00"),
    ("@yearly", "2024-05-08 10:00:00", "2025-01-01 00:00:00"),
    ("@annually", "2024-05-08 10:00:00", "2025-01-01 00:00:00"),
    ("@every 1h30m", "2024-05-08 10:00:07", "2024-05-08 11:30:07"),
    ("@every 2.5s", "2024-05-08 10:00:00", "2024-05-08 10:00:02"),
    ("@every 20ms", "2024-05-08 10:00:00", "2024-05-08 10:00:01"),
    # A time zone of its own.
    ("TZ=Asia/Seoul 0 0 9 * * *", "2024-05-08 00:00:00", "2024-05-09 00:00:00"),
    ("CRON_TZ=America/New_York  0 0 9 * * *", "2024-05-08 00:00:00", "2024-05-08 13:00:00"),
]


@pytest.mark.parametrize(("expression", "after", "expected"), NEXT)
def test_the_next_time(expression: str, after: str, expected: str) -> None:
    assert text_of(parse_cron(expression).after(instant(after), "UTC")) == expected


CHANGES = [
    # Clocks leave out 02:00 to 03:00 on 2024-03-31: what falls there does not come that day.
    ("0 30 2 * * *", "2024-03-30T12:00:00+01:00", ["2024-04-01T02:30:00+02:00"]),
    ("0 0 * * * *", "2024-03-31T01:00:00+01:00", ["2024-03-31T03:00:00+02:00", "2024-03-31T04:00:00+02:00"]),
    # They go through 02:00 to 03:00 twice on 2024-10-27: so does what falls there.
    ("0 30 2 * * *", "2024-10-27T01:00:00+02:00", ["2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"]),
    ("0 0 3 * * *", "2024-10-27T01:00:00+02:00", ["2024-10-27T03:00:00+01:00", "2024-10-28T03:00:00+01:00"]),
    ("0 0 */2 * * *", "2024-10-27T00:00:00+02:00", ["2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00"]),
]


@pytest.mark.parametrize(("expression", "after", "expected"), CHANGES)
def test_the_two_nights_on_which_clocks_change(expression: str, after: str, expected: list[str]) -> None:
    found = coming(parse_cron(expression), instant(after), BERLIN, len(expected))
    assert found == [instant(each) for each in expected]


def test_a_day_without_midnight_has_none() -> None:
    # In Beirut 2024-03-31 begins at 01:00.
    found = coming(parse_cron("0 0 0 * * *"), instant("2024-03-30T12:00:00"), "Asia/Beirut", 1)
    assert found == [instant("2024-04-01T00:00:00+03:00")]


WRONG = [
    ("", "0 fields"),
    ("every now and then", "4 fields"),
    ("* * * * * * *", "7 fields"),
    ("60 0 0 * * *", '"60" is not in 0 to 59'),
    ("0 0 24 * * *", "0 to 23"),
    ("0 0 0 0 * *", "1 to 31"),
    ("0 0 0 * 13 *", "1 to 12"),
    ("0 0 0 * * 7", "0 to 6"),
    ("0 30-10 * * * *", "0 to 59"),
    ("*/0 * * * * *", "step of 0"),
    ("1-2-3 * * * * *", "no value"),
    ("*/2/3 * * * * *", "no value"),
    ("-5 * * * * *", "no value"),
    ("0 0 0 L * ?", "no value"),
    ("0 0 0 15W * ?", "no value"),
    ("0 0 0 ? * MON#1", "no value"),
    ("0 0 0 * XYZ *", "no value"),
    (", * * * * *", "names no value"),
    ("0 0 0 31 2,4 ?", "no date"),
    ("0 0 0 30 2 ?", "no date"),
    ("@fortnightly", "unknown"),
    ("@every", "unknown"),
    ("@every soon", "duration"),
    ("@every -1h", "duration"),
    ("@every 1000000h", "hundred years"),
]


@pytest.mark.parametrize(("expression", "why"), WRONG)
def test_what_is_wrong_is_said(expression: str, why: str) -> None:
    with pytest.raises(InvalidInput, match="Schedule cron is not a supported format") as caught:
        parse_cron(expression)
    assert why in str(caught.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "America", "Europe/Berlin\0"])
def test_an_unknown_time_zone_is_said(zone: str) -> None:
    with pytest.raises(InvalidInput, match="There is no time zone"):
        zone_of(zone)


@pytest.mark.parametrize(
    ("expression", "how"),
    [
        ("0 * * * * *", ""),
        ("@every 60s", ""),
        ("@every 59s", "every 59 seconds"),
        ("0,30 * * * * *", "2 times in one minute"),
        ("* * * * * *", "60 times in one minute"),
        ("0 0 0 ? * */2", ""),
    ],
)
def test_more_often_than_once_a_minute_is_warned_of(expression: str, how: str) -> None:
    warned = parse_cron(expression).warnings()
    assert list(warned) == ([f"This fires more often than once a minute: {how}."] if how else [])


def test_five_fields_are_warned_of() -> None:
    assert any("seconds" in each for each in parse_cron("0 9 * * *").warnings())
    assert parse_cron("0 0 9 * * *").warnings() == ()


def _values(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    step = st.integers(1, last)
    bounds = st.tuples(number, number).map(sorted)
    part = st.one_of(
        st.just("*"),
        st.just("?"),
        number.map(str),
        step.map("*/{}".format),
        st.tuples(number, step).map(lambda each: f"{each[0]}/{each[1]}"),
        bounds.map(lambda each: f"{each[0]}-{each[1]}"),
        st.tuples(bounds, step).map(lambda each: f"{each[0][0]}-{each[0][1]}/{each[1]}"),
    )
    return st.lists(part, min_size=1, max_size=3).map(",".join)


RANGES = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
EXPRESSIONS = st.tuples(*(_values(*each) for each in RANGES)).map(" ".join)


def _matches(expression: str, moment: datetime) -> bool:
    """The rules once more, as plainly as they can be written."""

    def in_part(part: str, value: int, last: int) -> bool:
        bounds, _, step = part.partition("/")
        if bounds in {"*", "?"}:
            low, high = RANGES[index][0], last
        else:
            start, hyphen, end = bounds.partition("-")
            low = int(start)
            high = int(end) if hyphen else (last if step else low)
        return low <= value <= high and (value - low) % int(step or 1) == 0

    given_values = (moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.isoweekday() % 7)
    found = []
    words = expression.split()
    for index, (word, value) in enumerate(zip(words, given_values, strict=True)):
        found.append(any(in_part(part, value, RANGES[index][1]) for part in word.split(",")))
    starred = any(part[0] in "*?" for word in (words[3], words[5]) for part in word.split(","))
    days = (found[3] and found[5]) if starred else (found[3] or found[5])
    return found[0] and found[1] and found[2] and found[4] and days


def _possible(expression: str) -> CronExpression | None:
    """The expression, unless no date has its day and its month."""
    try:
        return parse_cron(expression)
    except InvalidInput as error:
        if "no date" not in str(error):
            raise
        return None


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS, st.integers(1_600_000_000, 1_900_000_000), st.sampled_from(["UTC", BERLIN, "America/New_York"]))
def test_nothing_that_matches_is_left_out_and_nothing_else_comes(expression: str, seconds: int, zone: str) -> None:
    after = Instant(seconds * SECOND)
    parsed = _possible(expression)
    if parsed is None:
        return
    found = parsed.after(after, zone)
    assert found is not None
    assert found > after
    moment = datetime.fromtimestamp(found // SECOND, ZoneInfo(zone))
    assert _matches(expression, moment)
    # Nothing in between matches, as far as it is looked at.
    start = datetime.fromtimestamp(seconds, UTC)
    gap = found // SECOND - seconds
    for offset in range(1, min(gap, 180)):
        assert not _matches(expression, (start + timedelta(seconds=offset)).astimezone(ZoneInfo(zone)))


@settings(max_examples=100, deadline=None)
@given(
    EXPRESSIONS, st.integers(1_600_000_000, 1_900_000_000), st.integers(0, 400_000), st.sampled_from(["UTC", BERLIN])
)
def test_the_latest_time_has_no_successor_before_the_limit(
    expression: str, seconds: int, ahead: int, zone: str
) -> None:
    parsed = _possible(expression)
    if parsed is None:
        return
    first = parsed.after(Instant(seconds * SECOND), zone)
    assert first is not None
    until = Instant(first + ahead * SECOND)
    latest = parsed.latest(first, until, zone)
    assert first <= latest <= until
    following = parsed.after(latest, zone)
    assert following is None or following > until
