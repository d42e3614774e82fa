"""Clears that ended no alert, by what they named, until they are stored."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from opsconductor.model.changes import UnmatchedClear
from opsconductor.model.unmatched import ClearCount, ClearedName

MOST_NAMES = 20_000
"""Devices with their alert types and resources that are counted separately in a day."""
MOST_RESOURCES = 100
"""Resources of one device and alert type that are counted separately in a day."""

OTHERS = "*"
"""Device or resource beyond these limits."""

log = logging.getLogger(__name__)


class UnmatchedClears:
    """Counts unmatched clears; memory is bounded whatever senders name."""

    def __init__(self) -> None:
        self._day = ""
        self._names: set[ClearedName] = set()
        self._resources: Counter[tuple[str, str, str]] = Counter()
        self._waiting: dict[ClearedName, tuple[int, datetime]] = {}

    def add(self, clears: Iterable[UnmatchedClear], now_s: float) -> None:
        """Count clears at a time (seconds since 1970)."""
        at = datetime.fromtimestamp(now_s, UTC)
        day = at.date().isoformat()
        if day != self._day:
            self._day = day
            self._names.clear()
            self._resources.clear()
        is_logged = log.isEnabledFor(logging.DEBUG)
        for clear in clears:
            name = self._name(day, clear)
            amount, _ = self._waiting.get(name, (0, at))
            self._waiting[name] = amount + 1, at
            if is_logged:
                _log(clear)

    def waiting(self) -> Sequence[ClearCount]:
        """Return what is not stored yet."""
        return [ClearCount(name, amount, at) for name, (amount, at) in self._waiting.items()]

    def forget(self, stored: Iterable[ClearCount]) -> None:
        """Drop what is stored; what was counted meanwhile stays."""
        for name, amount, _ in stored:
            present, at = self._waiting.pop(name)
            if present > amount:
                self._waiting[name] = present - amount, at

    def _name(self, day: str, clear: UnmatchedClear) -> ClearedName:
        name = ClearedName(day, clear.source_system, clear.device, clear.alert_type, clear.resource)
        if name in self._names:
            return name
        if len(self._names) >= MOST_NAMES:
            return name._replace(device=OTHERS, resource=OTHERS)
        if self._resources[name[1:4]] >= MOST_RESOURCES:
            return name._replace(resource=OTHERS)
        self._resources[name[1:4]] += 1
        self._names.add(name)
        return name


def _log(clear: UnmatchedClear) -> None:
    log.debug(
        "a recovery has no open alert",
        extra={
            "connector": clear.source_system,
            "device": clear.device,
            "key": clear.source_alert_id,
            "found": f"{clear.alert_type} {clear.resource}".rstrip(),
        },
    )
