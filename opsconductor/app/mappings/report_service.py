"""Reports on mappings for the API, each made in a process of its own."""

import asyncio
import json
import logging
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opsconductor.app.mappings.report import ReportLimits
from opsconductor.child_process import kill
from opsconductor.config.settings import Settings
from opsconductor.errors import StoreUnavailable, Unanswered

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "opsconductor.app.mappings.report_worker")
LONGEST_ERROR = 2_000
BEYOND_S = 60
"""Seconds beyond the limit of the report, to start, to query the alerts and to write the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingReports:
    """Makes reports; one at a time."""

    settings: Settings
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def make(self, *, days: int, events: int, time_limit_s: float) -> Mapping[str, Any]:
        """Return a report JSON-ready.

        Raises:
            StoreUnavailable: Another report is being made, or the database is away.
        """
        if self._lock.locked():
            raise Unanswered("another report on mappings is being made")
        limits = ReportLimits(days=days, events=events, time_limit_s=time_limit_s)
        async with self._lock:
            document = await _asked(pickle.dumps((self.settings, limits)), time_limit_s + BEYOND_S)
        if failure := document.get("failed"):
            raise StoreUnavailable(failure)
        return document


async def _asked(request: bytes, within_s: float) -> Mapping[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within_s):
            answer, errors = await process.communicate(request)
    except TimeoutError as error:
        raise Unanswered(f"the report on mappings takes longer than {within_s:g} s") from error
    finally:
        await kill(process)
    if process.returncode:
        log.error(
            "a report on mappings failed", extra={"error": errors[-LONGEST_ERROR:].decode(errors="replace")}
        )
        raise Unanswered(f"the report on mappings ended with status {process.returncode}, see the log")
    found: Mapping[str, Any] = await asyncio.to_thread(json.loads, answer)
    return found
