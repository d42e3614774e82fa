"""What of a review is still to be done; it is done a part at a time, between batches of events."""

from collections import deque
from collections.abc import Iterator

from opsconductor.engine.alert_index import AlertIndex
from opsconductor.inventory.snapshot import DevicePlace, Identity, IdentityKey, InventorySnapshot


class Review:
    """Reports to identify again, then alerts to bring into line with the inventory.

    Attributes:
        moved: Where open alerts belong now, by fingerprint or subject; as far as reports are remembered.
    """

    def __init__(self) -> None:
        self.moved: dict[str, DevicePlace] = {}
        self._staying: set[str] = set()
        self._identities: deque[tuple[IdentityKey, Identity]] = deque()
        self._known: tuple[tuple[IdentityKey, Identity], ...] = ()
        self._alerts: deque[str] = deque()

    def __bool__(self) -> bool:
        return bool(self._identities or self._alerts)

    def begin(self, old: InventorySnapshot | None, book: AlertIndex) -> None:
        """Begin with everything that is open.

        What a review that is still under way knows of reports is kept: its alerts may not have moved yet.

        Args:
            old: The inventory until now, which remembers how reports name their devices; None: none.
        """
        before = self._known if self else ()
        self._known = (*before, *(old.identities.items() if old is not None else ()))
        self._identities = deque(self._known)
        self._alerts = deque(book.open)
        self.moved, self._staying = {}, set()

    def identities(self) -> Iterator[tuple[IdentityKey, Identity]]:
        """Take out the reports that are still to be identified again, one after another."""
        while self._identities:
            yield self._identities.popleft()

    def alerts(self) -> Iterator[str]:
        """Take out the fingerprints of the alerts that are still to be looked at, one after another."""
        while self._alerts:
            yield self._alerts.popleft()

    def note(self, identity: Identity, place: DevicePlace) -> None:
        """Note where a report of an open alert leads now.

        An alert moves when none of its reports leads to the same address as before.
        """
        if place.device_ip == identity.place.device_ip:
            self._staying.add(identity.fingerprint)
            self.moved.pop(identity.fingerprint, None)
        elif identity.fingerprint not in self._staying:
            self.moved[identity.fingerprint] = place

    def end(self) -> None:
        """Forget what was remembered for it."""
        self.__init__()  # type: ignore[misc]
