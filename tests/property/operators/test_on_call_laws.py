"""Laws of on-call schedules over several years, in zones whose clocks are moved in different ways."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from opsconductor.model.people.on_call import DutySpan, on_call, spans
from opsconductor.model.people.schedule import Layer, Schedule

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
HOUR = timedelta(hours=1)
BEGIN, END = datetime(2026, 1, 5, tzinfo=UTC), datetime(2029, 1, 5, tzinfo=UTC)
NAMES = ("anna", "bob", "carl", "dora")

layers = st.builds(
    Layer,
    name=st.just("rotation"),
    starts=st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    handover=st.integers(0, 1_439),
    every=st.sampled_from([12 * HOUR, 24 * HOUR, 36 * HOUR, 168 * HOUR, 336 * HOUR]),
    participants=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple),
)
moments = st.datetimes(BEGIN.replace(tzinfo=None), END.replace(tzinfo=None), timezones=st.just(UTC))


def local_turns(layer: Layer, zone: str) -> Iterator[tuple[datetime, str]]:
    """Yield when each turn begins and whose it is, counted on the local clock alone."""
    begin = datetime.combine(layer.starts, datetime.min.time()) + timedelta(minutes=layer.handover)
    number = 0
    while begin.year < END.year + 1:
        yield (
            begin.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
            layer.participants[number % len(layer.participants)],
        )
        begin, number = begin + layer.every, number + 1


@given(layers, st.sampled_from(ZONES), st.lists(moments, min_size=1, max_size=30))
def test_one_participant_at_each_moment(layer: Layer, zone: str, times: list[datetime]) -> None:
    """A layer without restriction always names one participant: the one whose turn began last."""
    schedule = Schedule(name="noc", zone=zone, layers=(layer,))
    turns = list(local_turns(layer, zone))
    for at in times:
        duty = on_call(schedule, at)
        assert duty.until is not None
        assert duty.person == [name for begin, name in turns if begin <= at][-1]
        assert duty.until == min(begin for begin, _ in turns if begin > at)
        assert on_call(schedule, duty.until - timedelta(microseconds=1)).person == duty.person


@given(layers, st.sampled_from(ZONES))
@example(Layer(name="weekly", starts=date(2025, 12, 29), handover=480, participants=NAMES), "Europe/Berlin")
@example(Layer(name="skipped", starts=date(2026, 1, 4), handover=150, participants=NAMES), "Europe/Berlin")
def test_the_calendar_has_neither_gaps_nor_overlaps(layer: Layer, zone: str) -> None:
    """The spans of a year follow each other, and each begins when the local clock shows the handover."""
    schedule = Schedule(name="noc", zone=zone, layers=(layer,))
    end = BEGIN + timedelta(days=366)
    found = list(spans(schedule, BEGIN, end))
    assert (found[0].begin, found[-1].end) == (BEGIN, end)
    begins = {begin for begin, _ in local_turns(layer, zone)}
    for before, after in pairwise(found):
        assert before.end == after.begin
        assert before.person != after.person
        assert after.begin in begins
    assert all(_is_named(span, layer) for span in found)


def test_the_handover_stays_at_its_local_time() -> None:
    """A weekly handover at 08:00 is at 08:00 all the year, in summer and in winter."""
    layer = Layer(name="weekly", starts=date(2026, 1, 5), handover=480, participants=NAMES)
    for zone in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        found = list(spans(Schedule(name="noc", zone=zone, layers=(layer,)), BEGIN, END))[1:]
        handovers = [span.begin.astimezone(ZoneInfo(zone)) for span in found]
        assert {(at.weekday(), at.hour, at.minute) for at in handovers[1:]} == {(0, 8, 0)}
        assert len({at.utcoffset() for at in handovers}) > 1


def _is_named(span: DutySpan, layer: Layer) -> bool:
    return span.person in layer.participants and span.by == layer.name
