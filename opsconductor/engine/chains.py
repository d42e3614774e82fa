"""Chains of causes: each consequence stands under its nearest cause, up to the root of the chain."""

from collections.abc import Collection, Iterator
from uuid import UUID


class Chains:
    """Which alert stands under which, and how many stand under each, directly or through others.

    A change costs as many steps as the chain is long, however many alerts stand under the one that moves.
    """

    def __init__(self) -> None:
        # by the numbers of ids: an UUID is slow to hash
        self._causes: dict[int, UUID] = {}
        self._below: dict[int, int] = {}
        self._changed: dict[int, UUID] = {}

    def move(self, alert_id: UUID, cause_id: UUID | None) -> None:
        """Put an alert, with all that stands under it, under another cause; None: it is a root.

        What would close a circle is left a root: only a damaged database or an old inventory asks for it.
        """
        old = self._causes.pop(alert_id.int, None)
        if old == cause_id:
            if old is not None:
                self._causes[alert_id.int] = old
            return
        below = self._below.get(alert_id.int, 0)
        if old is not None:
            self._add(old, -1 - below)
        is_free = alert_id != cause_id and not (below and cause_id and alert_id in self.chain(cause_id))
        if cause_id is not None and is_free:
            self._causes[alert_id.int] = cause_id
            self._add(cause_id, 1 + below)

    def chain(self, alert_id: UUID) -> Iterator[UUID]:
        """Walk from an alert over its causes to the root; the alert itself comes first."""
        current: UUID | None = alert_id
        while current is not None:
            yield current
            current = self._causes.get(current.int)

    def root(self, alert_id: UUID) -> UUID:
        """Return the end of the chain of an alert; the alert itself when it is no consequence."""
        *_, root = self.chain(alert_id)
        return root

    def count(self, alert_id: UUID) -> int:
        """Count the consequences of an alert, those of its consequences included."""
        return self._below.get(alert_id.int, 0)

    def note(self, alert_id: UUID) -> None:
        """Note that the number that an alert shows may not be the present one."""
        self._changed[alert_id.int] = alert_id

    def take_changed(self) -> Collection[UUID]:
        """Take the alerts whose number of consequences may have changed since this was last asked."""
        changed, self._changed = self._changed.values(), {}
        return changed

    def _add(self, start: UUID, amount: int) -> None:
        below, changed, causes = self._below, self._changed, self._causes
        each: UUID | None = start
        while each is not None:
            number = each.int
            changed[number] = each
            total = below.get(number, 0) + amount
            if total:
                below[number] = total
            else:
                del below[number]
            each = causes.get(number)
