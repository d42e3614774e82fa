"""What recipients know of the consequences of a cause, and when they get an update."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.alert_index import AlertIndex, device_key
from opsconductor.engine.clock import later
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import EngineDocument
from opsconductor.model.notifications.policy import ChannelPolicy

IMPACT = "impact"
"""Kind of the documents; the key is the id of an alert."""
OTHERS, IN_PLACE = 0, 1
"""Recipients who get a new message, and those whose message is changed in place."""
EVERY = (timedelta(minutes=5), timedelta(minutes=1))
"""Minimum time between two updates."""
FIRST_AFTER = timedelta(minutes=1)
"""How long the first update waits for more: an outage has just begun."""
LEAST_SHARE = 10
"""The number must have grown by at least a tenth."""
HELD_BY = frozenset({"muted_by", "flapping_since", "notify_at"})
"""Fields of a cause that hold its updates back: one that came due meanwhile is due when they change."""
MOST_WALKED = 1_000
MOST_SITES = 5


def way_of(policy: ChannelPolicy) -> int:
    """Return how an update reaches the recipients of a channel: `IN_PLACE`, or as a new message."""
    return IN_PLACE if policy.updates and not policy.is_single else OTHERS


@dataclass(slots=True)
class KnownImpact:
    """The number of consequences that recipients know, by `OTHERS` and `IN_PLACE`.

    Attributes:
        updated_at: When the latest update was sent; None: there was none.
    """

    amounts: list[int]
    updated_at: list[datetime | None] = field(default_factory=lambda: [None, None])

    def is_outdated(self, way: int, amount: int) -> bool:
        """Return True if the number has grown so much that an update is worth sending."""
        known = self.amounts[way]
        return amount >= known + max(1, known // LEAST_SHARE)

    def due_at(self, way: int, now: datetime) -> datetime:
        """Return when the next update may be sent."""
        at = self.updated_at[way]
        return later(now, FIRST_AFTER) if at is None else max(now, later(at, EVERY[way]))

    def document(self) -> Mapping[str, object]:
        """Return what is stored of it."""
        return {
            "amounts": list(self.amounts),
            "updated_at": [at.isoformat() if at else None for at in self.updated_at],
        }


@dataclass(slots=True)
class ImpactMemory:
    """What is known of the consequences of alerts, by the number of their id.

    Attributes:
        changed: Numbers of the alerts whose documents the present step has changed.
    """

    agenda: Agenda
    known: dict[int, KnownImpact] = field(default_factory=dict)
    changed: dict[int, None] = field(default_factory=dict)
    _due: dict[int, datetime] = field(default_factory=dict)
    _heap: list[tuple[datetime, int]] = field(default_factory=list)

    def note(self, alert: Alert, amount: int) -> None:
        """Note the number in the first message about an alert; later ones change nothing."""
        if amount and alert.id.int not in self.known:
            self.known[alert.id.int] = KnownImpact(amounts=[amount, amount])
            self.changed[alert.id.int] = None

    def updated(self, number: int, way: int, amount: int, now: datetime) -> None:
        """Note an update that is sent."""
        known = self.known.setdefault(number, KnownImpact(amounts=[0, 0]))
        known.amounts[way], known.updated_at[way] = amount, now
        self.changed[number] = None

    def grow(self, number: int, amount: int, ways: Iterable[int], now: datetime) -> None:
        """Set when an update is due, if the number has grown."""
        known = self.known.get(number) or KnownImpact(amounts=[0, 0])
        dues = [known.due_at(way, now) for way in ways if known.is_outdated(way, amount)]
        if dues and (number not in self._due or min(dues) < self._due[number]):
            self._schedule(number, min(dues))

    def forget(self, number: int) -> None:
        """Forget an alert that is over, or a consequence itself."""
        self._due.pop(number, None)
        if self.known.pop(number, None) is not None:
            self.changed[number] = None

    def next_due(self) -> datetime | None:
        """Return when the next update is due; None: none is."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime) -> int | None:
        """Return the number of an alert whose update is due; None: none is."""
        due = self.next_due()
        if due is None or due > now:
            return None
        number = heappop(self._heap)[1]
        del self._due[number]
        return number

    def load(self, document: Mapping[str, Any], key: str) -> None:
        """Read a document; raises ValueError, KeyError or TypeError if it is damaged."""
        self.known[UUID(key).int] = KnownImpact(
            amounts=[int(each) for each in document["amounts"]],
            updated_at=[datetime.fromisoformat(at) if at else None for at in document["updated_at"]],
        )

    def correct(self, now: datetime) -> None:
        """Correct times that only a wrong clock can have set."""
        for number, known in self.known.items():
            right = [at and min(at, now) for at in known.updated_at]
            if right != known.updated_at:
                known.updated_at = right
                self.changed[number] = None
        for number, due in self._due.items():
            if due > later(now, EVERY[OTHERS]):
                self._schedule(number, later(now, EVERY[OTHERS]))

    def _schedule(self, number: int, due_at: datetime) -> None:
        self._due[number] = due_at
        heappush(self._heap, (due_at, number))
        self.agenda.add(due_at)

    def take_changes(self) -> Iterator[EngineDocument]:
        """Yield the documents that have changed since the last call."""
        for number in self.changed:
            known = self.known.get(number)
            document = known.document() if known is not None else None
            yield EngineDocument(kind=IMPACT, key=str(UUID(int=number)), document=document)
        self.changed.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.known.clear()
        self.changed.clear()
        self._due.clear()
        self._heap.clear()


def impact_facts(book: AlertIndex, inventory: InventorySnapshot, alert: Alert) -> Mapping[str, object]:
    """Return how many devices are behind a cause, and their sites, those with most devices first."""
    devices: set[str] = set()
    sites: Counter[str] = Counter()
    for each in _below(book, alert):
        device = device_key(each)
        if device in devices or device == device_key(alert):
            continue
        devices.add(device)
        found = inventory.device_at(device)
        if found is not None and found.site:
            sites[found.site] += 1
    return {
        "impacted_devices": len(devices),
        "is_impact_larger": book.chains.count(alert.id.int) > MOST_WALKED,
        "impacted_sites": sorted(sites, key=lambda site: (-sites[site], site))[:MOST_SITES],
        "impacted_more_sites": max(0, len(sites) - MOST_SITES),
    }


def _below(book: AlertIndex, alert: Alert) -> Iterator[Alert]:
    """Yield the consequences of an alert, direct and indirect, up to a maximum."""
    waiting = [alert.id.int]
    amount = 0
    for number in waiting:
        for fingerprint in book.consequences.get(number):
            each = book.open[fingerprint]
            amount += 1
            if amount > MOST_WALKED:
                return
            waiting.append(each.id.int)
            yield each
