"""Failures of the loop: told once with a traceback, then counted at growing intervals."""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opsconductor import metrics
from opsconductor.model.aside import reason_of

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 3_600.0
MOST_KINDS = 100
"""ConnectorTypes of failures that are told apart; beyond it the oldest is forgotten, and told anew."""
FAILING_FROM = 3
"""So many failures one after another are no accident."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 10.0


@dataclass(slots=True)
class _Told:
    amount: int
    next_s: float
    pause_s: float


class FailureLog:
    """Writes each kind of failure (text, class, line) once with its traceback, then with its number."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._told: dict[tuple[str, str, str], _Told] = {}

    def tell(self, message: str, error: BaseException, extra: Mapping[str, object] | None = None) -> None:
        """Write a failure to the log, unless one of its kind was written a short while ago."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        kind, now_s = (message, type(error).__name__, place), self._monotonic_s()
        told = self._told.get(kind)
        if told is None:
            if len(self._told) >= MOST_KINDS:
                del self._told[next(iter(self._told))]
            self._told[kind] = _Told(1, now_s + FIRST_PAUSE_S, FIRST_PAUSE_S)
            log.error(message, extra={**(extra or {}), "error": repr(error)}, exc_info=error)
            return
        told.amount += 1
        if now_s >= told.next_s:
            told.pause_s = min(told.pause_s * 2, LONGEST_PAUSE_S)
            told.next_s = now_s + told.pause_s
            log.error(message, extra={**(extra or {}), "error": repr(error), "amount": told.amount})


class LoopState:
    """Whether the loop works.

    Attributes:
        error: The latest failure in words, while the loop goes on failing; else empty.
    """

    def __init__(self) -> None:
        self.error = ""
        self._in_a_row = 0

    @property
    def pause_s(self) -> float:
        """How long to wait before the next try: longer with each failure."""
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self._in_a_row, 16))

    def failed(self, error: BaseException) -> None:
        """Note that a step has failed."""
        self._in_a_row += 1
        metrics.engine_failures.inc()
        if self._in_a_row >= FAILING_FROM:
            self.error = reason_of(error)
            metrics.engine_failing.set(1)

    def worked(self) -> None:
        """Note that a step has worked."""
        if self._in_a_row:
            if self.error:
                log.info("the pipeline works again", extra={"amount": self._in_a_row})
            self._in_a_row, self.error = 0, ""
            metrics.engine_failing.set(0)
