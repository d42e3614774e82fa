"""Kinds of work on the series; a failure of one neither delays the others nor ends the daemon."""

import logging
from collections.abc import Awaitable, Mapping

from opsconductor import metrics
from opsconductor.errors import StoreError, StoreRejected
from opsconductor.guard import guarded

log = logging.getLogger(__name__)


class Attempts:
    """Does work, and remembers what fails."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, int | None], str] = {}

    def failures(self) -> Mapping[str, str]:
        """Return why work fails, by its kind; what went well the next time is not among it."""
        return {what: text for (what, _), text in self._failures.items()}

    async def do(self, what: str, work: Awaitable[object], bucket: int | None = None) -> bool:
        """Do work of a kind; return False if it fails by itself. The same failure is logged once.

        Args:
            bucket: Of which bucket; None: it is about all.

        Raises:
            StoreError: PostgreSQL is away: no other work is possible either.
        """
        with guarded() as attempt:
            await work
        error = attempt.error
        if isinstance(error, StoreError) and not isinstance(error, StoreRejected):
            raise error
        if error is None:
            self._failures.pop((what, bucket), None)
            return True
        metrics.series_failures.labels(what).inc()
        text = f"{type(error).__name__}: {error}"
        if self._failures.get((what, bucket)) != text:
            about = {"task": what if bucket is None else f"{what}, bucket {bucket}"}
            log.error("work on measured values fails, it is tried again", extra=about, exc_info=error)
        self._failures[what, bucket] = text
        return False
