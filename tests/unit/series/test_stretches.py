"""Which table answers which part of a time range."""

import pytest

from opsconductor.series.query import KeptFor, Stretch, WantedPoints, stretches_of

DAY = 86_400_000
HOUR = 3_600_000
NOW = 1000 * DAY + 9 * HOUR
KEPT = KeptFor(14, 90, 730)
ROLLED = 1000 * DAY


@pytest.mark.parametrize(
    ("days_ago", "step", "expected"),
    [
        (1, None, [(None, 999, 1000)]),
        (1, 60_000, [(None, 999, 1000)]),
        (1, 2 * HOUR, [("1h", 999, 1000)]),
        (20, None, [("5m", 980, 986), (None, 986, 1000)]),
        (20, 60_000, [("5m", 980, 986), (None, 986, 1000)]),
        (20, 300_000, [("5m", 980, 1000)]),
        (100, 300_000, [("1h", 900, 910), ("5m", 910, 1000)]),
        (100, HOUR, [("1h", 900, 1000)]),
        (800, None, [("1h", 200, 910), ("5m", 910, 986), (None, 986, 1000)]),
    ],
)
def test_finer_tables_answer_what_they_still_have(
    days_ago: int, step: int | None, expected: list[tuple[str | None, int, int]]
) -> None:
    """Points where the step needs them, aggregates where they suffice or where nothing else is kept."""
    wanted = WantedPoints(start=(1000 - days_ago) * DAY, end=1000 * DAY, step=step)
    found = stretches_of(wanted, ROLLED, KEPT, NOW)
    assert found == [Stretch(name, first * DAY, end * DAY) for name, first, end in expected]  # type: ignore[arg-type]


def test_today_is_answered_from_points() -> None:
    """Today is not aggregated yet."""
    wanted = WantedPoints(start=ROLLED - HOUR, end=NOW, step=HOUR)
    assert stretches_of(wanted, ROLLED, KEPT, NOW) == [
        Stretch("1h", ROLLED - HOUR, ROLLED),
        Stretch(None, ROLLED, NOW),
    ]
