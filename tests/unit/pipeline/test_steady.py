"""The clock that stamps incoming messages: it jumps only where the engine sees it."""

from datetime import UTC, datetime, timedelta

from opsconductor.pipeline.stamp_clock import StampClock

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Times:
    """A wall clock that can be set, and a monotonic one that cannot."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.wrong_by = timedelta(0)
        self.clock = StampClock(self.wall, lambda: self.passed_s)

    def wall(self) -> datetime:
        """Read the wall."""
        return NOON + timedelta(seconds=self.passed_s) + self.wrong_by


def test_a_clock_that_was_wrong_for_a_moment_is_not_noticed() -> None:
    """Set wrong and right again between two steps of the engine: every stamp is right, and in order."""
    times = Times()
    assert times.clock.follow() == NOON
    times.wrong_by, times.passed_s = timedelta(hours=-2), 1
    stamps = [times.clock.now()]
    times.wrong_by, times.passed_s = timedelta(0), 2
    stamps += [times.clock.now(), times.clock.follow()]
    assert stamps == [NOON + timedelta(seconds=second) for second in (1, 2, 2)]


def test_a_clock_that_stays_wrong_is_followed_at_a_step() -> None:
    """From the step on stamps are of the new time, as is the engine."""
    times = Times()
    times.wrong_by, times.passed_s = timedelta(hours=-2), 1
    assert times.clock.now() == NOON + timedelta(seconds=1)
    assert times.clock.follow() == NOON + timedelta(seconds=1, hours=-2)
    times.passed_s = 2
    assert times.clock.now() == NOON + timedelta(seconds=2, hours=-2)
