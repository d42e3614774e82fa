"""Chains of causes: the parent of each consequence is its nearest cause, up to the root of the chain."""

from collections.abc import Iterable, MutableMapping


class Chains:
    """Forest of consequences, with the number of direct and indirect consequences of each alert.

    A change takes as many steps as the chain is long, however many alerts are below the one that moves.
    Alerts are identified by the number of their id (`UUID.int`): a UUID is slow to hash and to compare.

    Attributes:
        changed: Alerts whose `impacted` may be outdated, the longest outdated first.
    """

    def __init__(self) -> None:
        self.changed: MutableMapping[int, None] = {}
        self._causes: dict[int, int] = {}
        self._below: dict[int, int] = {}

    def move(self, alert_id: int, cause_id: int | None) -> None:
        """Move an alert, with all its consequences, under another cause; None: it becomes a root.

        What would close a cycle becomes a root: that comes only from a damaged database or an old inventory.
        """
        causes = self._causes
        old = causes.get(alert_id)
        if old == cause_id:
            return
        amount = 1 + self._below.get(alert_id, 0)
        gained = [] if alert_id == cause_id else self.chain(cause_id)
        if amount > 1 and alert_id in gained:
            gained = []
        lost = self.chain(old)
        if gained:
            assert cause_id is not None
            causes[alert_id] = cause_id
            # what both chains have in common keeps its number
            while lost and gained and lost[-1] == gained[-1]:
                del lost[-1], gained[-1]
        elif old is not None:
            del causes[alert_id]
        self._add(lost, -amount)
        self._add(gained, amount)

    def chain(self, alert_id: int | None) -> list[int]:
        """Return an alert, then its causes up to the root; None: empty."""
        found, causes = [], self._causes
        while alert_id is not None:
            found.append(alert_id)
            alert_id = causes.get(alert_id)
        return found

    def count(self, alert_id: int) -> int:
        """Return the number of direct and indirect consequences of an alert."""
        return self._below.get(alert_id, 0)

    def _add(self, chain: Iterable[int], amount: int) -> None:
        below, changed = self._below, self.changed
        for each in chain:
            changed[each] = None
            total = below.get(each, 0) + amount
            if total:
                below[each] = total
            else:
                del below[each]
