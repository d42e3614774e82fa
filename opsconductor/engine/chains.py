"""Chains of causes: each consequence stands under its nearest cause, up to the root of the chain."""

from collections.abc import Iterator, MutableMapping


class Chains:
    """Which alert stands under which, and how many stand under each, directly or through others.

    A change costs as many steps as the chain is long, however many alerts stand under the one that moves.
    Alerts are named by the number of their id (`UUID.int`): an UUID is slow to hash and to compare.

    Attributes:
        changed: Alerts that may not show their present number of consequences, the longest so first.
    """

    def __init__(self) -> None:
        self.changed: MutableMapping[int, None] = {}
        self._causes: dict[int, int] = {}
        self._below: dict[int, int] = {}

    def move(self, alert_id: int, cause_id: int | None) -> None:
        """Put an alert, with all that stands under it, under another cause; None: it is a root.

        What would close a circle is left a root: only a damaged database or an old inventory asks for it.
        """
        causes = self._causes
        old = causes.get(alert_id)
        if old == cause_id:
            return
        below = self._below.get(alert_id, 0)
        if old is not None:
            del causes[alert_id]
            self._add(old, -1 - below)
        if cause_id is None or alert_id == cause_id or (below and alert_id in self.chain(cause_id)):
            return
        causes[alert_id] = cause_id
        self._add(cause_id, 1 + below)

    def chain(self, alert_id: int) -> Iterator[int]:
        """Walk from an alert over its causes to the root; the alert itself comes first."""
        current: int | None = alert_id
        while current is not None:
            yield current
            current = self._causes.get(current)

    def count(self, alert_id: int) -> int:
        """Count the consequences of an alert, those of its consequences included."""
        return self._below.get(alert_id, 0)

    def _add(self, start: int, amount: int) -> None:
        below, changed, causes = self._below, self.changed, self._causes
        each: int | None = start
        while each is not None:
            changed[each] = None
            total = below.get(each, 0) + amount
            if total:
                below[each] = total
            else:
                del below[each]
            each = causes.get(each)
