"""Remaining work of steps: alerts to correlate again, and the rest of a review."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from opsconductor.engine.agenda import Agenda
from opsconductor.engine.alert_index import AlertIndex
from opsconductor.inventory.snapshot import DevicePlace, Identity, IdentityKey, InventorySnapshot

CROWD = 500
"""Maximum number of devices or alerts of one change that are queued here in the same step."""


class Pending:
    """Fingerprints of alerts to evaluate, and devices all of whose alerts are to be evaluated; each once."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._devices = _Queue()
        self._alerts = _Queue()
        self._many: deque[str] = deque()

    def __bool__(self) -> bool:
        return bool(self._alerts.waiting or self._devices.waiting or self._many)

    def add_devices(self, devices: Collection[str]) -> None:
        """Queue every alert of some devices."""
        if devices:
            self._devices.extend(devices)
            self._agenda.add_work()

    def add_alerts(self, fingerprints: Sequence[str]) -> None:
        """Queue some alerts; very many after all others."""
        if len(fingerprints) > CROWD:
            self.add_many(deque(fingerprints))
        elif fingerprints:
            self._alerts.extend(fingerprints)
            self._agenda.add_work()

    def add_many(self, fingerprints: deque[str]) -> None:
        """Queue very many alerts after all others; takes over the queue instead of copying it."""
        if self._many:
            self._many.extend(fingerprints)
        else:
            self._many = fingerprints
        self._agenda.add_work()

    def pop(self, alerts_of: Callable[[str], Sequence[str]]) -> str | None:
        """Remove and return the next alert; None: of a device that has none, or the queue is empty.

        Args:
            alerts_of: Returns the alerts of a device.
        """
        if not self._alerts.waiting and self._devices.waiting:
            found = alerts_of(self._devices.popleft())
            if not found:
                return None
            if len(found) == 1:  # as usual; needs no queue
                return found[0]
            self._alerts.extend(found)
        if self._alerts.waiting:
            return self._alerts.popleft()
        return self._many.popleft() if self._many else None


class _Queue:
    """First in, first out; what waits already keeps its place."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self._order: deque[str] = deque()

    def extend(self, names: Iterable[str]) -> None:
        """Add what does not wait yet."""
        new = [name for name in names if name not in self.waiting]
        self._order.extend(dict.fromkeys(new))
        self.waiting.update(new)

    def popleft(self) -> str:
        """Remove and return the one that waits the longest."""
        name = self._order.popleft()
        self.waiting.discard(name)
        return name


class Review:
    """Reports to identify again, then alerts to bring into line with the inventory.

    Attributes:
        moved: New devices of open alerts, by fingerprint or subject; as far as reports are remembered.
        reviewed: Fingerprints of the open alerts that are done.
    """

    def __init__(self) -> None:
        self.moved: dict[str, DevicePlace] = {}
        self.reviewed: deque[str] = deque()
        self._staying: set[str] = set()
        self._known: tuple[tuple[Sequence[IdentityKey], Mapping[IdentityKey, Identity]], ...] = ()
        self._identities: Iterator[tuple[IdentityKey, Identity]] = iter(())
        self._left = 0
        self._alerts: deque[str] = deque()

    def __bool__(self) -> bool:
        return bool(self._left or self._alerts)

    def begin(self, old: InventorySnapshot | None, book: AlertIndex) -> None:
        """Start with all open alerts; takes some milliseconds, so nothing is copied that need not be.

        What a review in progress knows of reports is kept: its alerts may not have moved yet.

        Args:
            old: The inventory until now, which remembers how reports name their devices; None: none.
        """
        before = self._known if self else ()
        self._known = before if old is None else (*before, (tuple(old.identities), old.identities))
        self._left = sum(len(keys) for keys, _ in self._known)
        self._identities = self._remembered()
        self._alerts = deque(book.open)
        self.moved, self._staying, self.reviewed = {}, set(), deque()

    def identities(self) -> Iterator[tuple[IdentityKey, Identity]]:
        """Remove and yield the reports that are still to be identified again."""
        return self._identities

    def alerts(self) -> Iterator[str]:
        """Remove and yield the fingerprints of the alerts that are still to be reviewed."""
        while self._alerts:
            yield self._alerts.popleft()

    def note(self, identity: Identity, place: DevicePlace) -> None:
        """Record the device to which a report of an open alert belongs now.

        An alert moves if none of its reports leads to the same address as before.
        """
        if place.device_ip == identity.place.device_ip:
            self._staying.add(identity.fingerprint)
            self.moved.pop(identity.fingerprint, None)
        elif identity.fingerprint not in self._staying:
            self.moved[identity.fingerprint] = place

    def end(self) -> None:
        """Forget what was remembered for it."""
        self.__init__()  # type: ignore[misc]

    def _remembered(self) -> Iterator[tuple[IdentityKey, Identity]]:
        for keys, identities in self._known:
            for key in keys:
                self._left -= 1
                identity = identities.get(key)
                if identity is not None:
                    yield key, identity
