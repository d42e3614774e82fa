"""What the worker of rules and detector has done: for health, doctor and the alerts on the daemon itself."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from opsconductor.series.feed import Backlog

LATE_S: Final = 300.0
"""Seconds that a batch has waited from which the worker counts as late."""
MEMORY_S: Final = 3_600.0
OFTEN: Final = 3
"""Failures within an hour from which the worker counts as failing."""
MOST_REMEMBERED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorFacts:
    """State of the worker.

    Attributes:
        waiting: Batches that are not judged yet.
        lag_s: Seconds for which the oldest of them has waited; 0: none waits.
        batch_at: Time at which the last batch was done; None: none since the start.
        checkpoint_at: Time of the last checkpoint; None: there is none.
        checkpoint_error: Why the last one could not be written; empty: it was.
        series: Series that the detector knows.
        stuck: Why the worker waits; empty: it does not.
        failures: Batches and other work that failed since the start.
        failed_lately: The same in the last hour.
        failure: What the last of them raised; empty: none failed.
        has_settled: The lost anomalies of an earlier run have ended, see `LostAnomalies`.
    """

    waiting: int = 0
    lag_s: float = 0.0
    batch_at: datetime | None = None
    checkpoint_at: datetime | None = None
    checkpoint_error: str = ""
    series: int = 0
    stuck: str = ""
    failures: int = 0
    failed_lately: int = 0
    failure: str = ""
    has_settled: bool = False

    @property
    def is_late(self) -> bool:
        """Return True if a batch has waited for more than `LATE_S`."""
        return self.lag_s > LATE_S

    @property
    def fails_often(self) -> bool:
        """Return True if at least `OFTEN` batches failed within the last hour."""
        return self.failed_lately >= OFTEN

    @property
    def is_well(self) -> bool:
        """Return True if nothing needs attention."""
        return not (self.is_late or self.fails_often or self.stuck or self.checkpoint_error)


class WorkerProgress:
    """Notes what the worker does.

    Args of the constructor:
        backlog: Returns what waits behind a batch, by its number.
        clock: Monotonic, in seconds.

    Attributes:
        sequence: The last batch that is done, whether it failed or not; 0: none.
    """

    def __init__(self, backlog: Callable[[int], Backlog], clock: Callable[[], float] = monotonic) -> None:
        self._backlog = backlog
        self._clock = clock
        self._batch_at: datetime | None = None
        self._checkpoint_at: datetime | None = None
        self._checkpoint_error = ""
        self._series = 0
        self._stuck = ""
        self._failures = 0
        self._failed: deque[float] = deque(maxlen=MOST_REMEMBERED)
        self._failure = ""
        self.sequence = 0

    def restored(self, sequence: int, series: int, checkpoint_at: datetime | None) -> None:
        """Note what a checkpoint contained."""
        self.sequence, self._series, self._checkpoint_at = sequence, series, checkpoint_at

    def done(self, sequence: int) -> None:
        """Note that a batch is done."""
        self.sequence, self._batch_at = sequence, datetime.now(UTC)

    def knows(self, series: int) -> None:
        """Note how many series the detector knows."""
        self._series = series

    def failed(self, error: Exception) -> bool:
        """Note a failure; return True if it is another than the last, or the first within an hour."""
        text = f"{type(error).__name__}: {error}"
        is_news = text != self._failure or not self._lately()
        self._failures += 1
        self._failed.append(self._clock())
        self._failure = text
        return is_news

    def stuck(self, why: str) -> bool:
        """Note why the worker waits, empty: it continues; return True if that begins or ends."""
        is_news = bool(why) != bool(self._stuck)
        self._stuck = why
        return is_news

    def checkpoint(self, error: str = "") -> None:
        """Note that a checkpoint was written, or why not."""
        self._checkpoint_error = error
        if not error:
            self._checkpoint_at = datetime.now(UTC)

    def facts(self) -> DetectorFacts:
        """Return the present state."""
        backlog = self._backlog(self.sequence)
        return DetectorFacts(
            waiting=backlog.batches,
            lag_s=backlog.waits_s,
            batch_at=self._batch_at,
            checkpoint_at=self._checkpoint_at,
            checkpoint_error=self._checkpoint_error,
            series=self._series,
            stuck=self._stuck,
            failures=self._failures,
            failed_lately=self._lately(),
            failure=self._failure,
        )

    def _lately(self) -> int:
        since = self._clock() - MEMORY_S
        return sum(1 for at in self._failed if at >= since)
