"""Failures of the loop: logged once with a traceback, then counted at growing intervals; events set aside."""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from opsconductor import metrics
from opsconductor.connector.interface import Source
from opsconductor.guard import guarded
from opsconductor.limits import Backoff, BoundedMap
from opsconductor.model.aside import AsideKind, SetAside, reason_of, set_aside
from opsconductor.model.event import RawEvent

log = logging.getLogger(__name__)

LOG_AGAIN = Backoff(first=timedelta(seconds=10), longest=timedelta(hours=1))
MOST_KINDS = 100
"""Maximum number of kinds of failures distinguished; beyond it the oldest is evicted, and logged again."""
FAILING_FROM = 3
"""Number of consecutive failures from which the loop counts as failing."""
TRY_AGAIN = Backoff(first=timedelta(milliseconds=50), longest=timedelta(seconds=10))


@dataclass(slots=True)
class _Logged:
    amount: int
    next_s: float
    written: int = 1


class FailureLog:
    """Logs each kind of failure (text, class, line) once with its traceback, then with its number."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._logged: BoundedMap[tuple[str, str, str], _Logged] = BoundedMap(MOST_KINDS)

    def record(self, message: str, error: BaseException, extra: Mapping[str, object] | None = None) -> None:
        """Log a failure, unless one of its kind was logged shortly before."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        kind, now_s = (message, type(error).__name__, place), self._monotonic_s()
        known = self._logged.get(kind)
        if known is None:
            self._logged[kind] = _Logged(1, now_s + LOG_AGAIN.limit(1).total_seconds())
            log.error(message, extra={**(extra or {}), "error": repr(error)}, exc_info=error)
            return
        known.amount += 1
        if now_s >= known.next_s:
            known.written += 1
            known.next_s = now_s + LOG_AGAIN.limit(known.written).total_seconds()
            log.error(message, extra={**(extra or {}), "error": repr(error), "amount": known.amount})


class LoopState:
    """State of the pipeline loop.

    Attributes:
        error: The latest failure as text, while the loop keeps failing; else empty.
    """

    def __init__(self) -> None:
        self.error = ""
        self._in_a_row = 0

    @property
    def pause_s(self) -> float:
        """Seconds until the next attempt: longer with each failure."""
        return TRY_AGAIN.random_pause_s(self._in_a_row)

    def failed(self, error: BaseException) -> None:
        """Record that a step has failed."""
        self._in_a_row += 1
        metrics.engine_failures.inc()
        if self._in_a_row >= FAILING_FROM:
            self.error = reason_of(error)
            metrics.engine_failing.set(1)

    def worked(self) -> None:
        """Record that a step has worked."""
        if self._in_a_row:
            if self.error:
                log.info("the pipeline works again", extra={"amount": self._in_a_row})
            self._in_a_row, self.error = 0, ""
            metrics.engine_failing.set(0)


def aside_event(
    raw: RawEvent, error: Exception, sources: Mapping[str, Source], failure_log: FailureLog
) -> SetAside:
    """Return the `set_aside` row of an event that cannot be processed, and log it without secrets."""
    message = "an event cannot be processed, it is set aside"
    failure_log.record(message, error, {"connector": raw.connector, "address": raw.peer})
    metrics.set_aside.labels(str(AsideKind.EVENT)).inc()
    content = b""
    with guarded():
        content = bytes(sources[raw.connector].redacted(raw))
    return set_aside(
        AsideKind.EVENT,
        origin=raw.connector,
        subject=raw.peer or raw.local,
        reason=reason_of(error),
        content=content,
        at=raw.received_at,
    )
