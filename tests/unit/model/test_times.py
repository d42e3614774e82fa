"""Times of senders are bounded once, for all connectors, and marked where they are replaced."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest

from opsconductor.model.enums import Category, Severity
from opsconductor.model.normalized import IMPLAUSIBLE_TIME, NormalizedAlert, Snapshot, bounded

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at_time(occurred_at: datetime, received_at: datetime = NOW) -> NormalizedAlert:
    """Make a report with a time."""
    return NormalizedAlert(
        source_system="hooks",
        alert_type="application_x",
        category=Category.APPLICATION,
        severity=Severity.MAJOR,
        title="X",
        occurred_at=occurred_at,
        received_at=received_at,
        custom_fields={"sensor": "7"},
    )


def one(reports: Sequence[NormalizedAlert] | Snapshot) -> NormalizedAlert:
    """Take the only report."""
    assert not isinstance(reports, Snapshot)
    (report,) = reports
    return report


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=23, minutes=59))),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        NOW + timedelta(days=1, microseconds=1),
        datetime.max.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=23, minutes=59))),
        datetime(2026, 3, 1, 12, 0),  # noqa: DTZ001 - a time without a zone is the case
    ],
)
def test_an_impossible_time_becomes_that_of_receipt(moment: datetime) -> None:
    """A custom field of the report says so, and the others are kept."""
    report = one(bounded([at_time(moment)], NOW))
    assert report.occurred_at == NOW
    assert report.custom_fields == {
        "sensor": "7",
        IMPLAUSIBLE_TIME: f"{moment.isoformat()} (the time of receipt is used)",
    }


@pytest.mark.parametrize("moment", [NOW, NOW - timedelta(days=9000), datetime(2000, 1, 1, tzinfo=UTC)])
def test_a_possible_time_stays(moment: datetime) -> None:
    """A valid report is not copied."""
    reports = [at_time(moment)]
    assert bounded(reports, NOW) is reports


@pytest.mark.parametrize("ahead", [timedelta(microseconds=1), timedelta(hours=2), timedelta(days=1)])
def test_a_clock_that_is_a_little_ahead_is_corrected(ahead: timedelta) -> None:
    """Nothing occurs after it was received; that is too common to be marked."""
    report = one(bounded([at_time(NOW + ahead)], NOW))
    assert (report.occurred_at, report.custom_fields) == (NOW, {"sensor": "7"})


def test_a_machine_without_a_clock_marks_nothing() -> None:
    """Where our own clock is in 1970, only the time of receipt is known."""
    then = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    assert one(bounded([at_time(then, then)], then)).custom_fields == {"sensor": "7"}


def test_snapshots_are_bounded_too() -> None:
    """Their own time and those of their alerts; a valid one is not copied."""
    good = Snapshot(scope="nas", alerts=(at_time(NOW),), taken_at=NOW)
    assert bounded(good, NOW) is good
    bad = Snapshot(
        scope="nas",
        alerts=(at_time(datetime.min.replace(tzinfo=UTC)),),
        taken_at=datetime.max.replace(tzinfo=UTC),
    )
    found = bounded(bad, NOW)
    assert isinstance(found, Snapshot)
    assert (found.taken_at, found.alerts[0].occurred_at) == (NOW, NOW)
