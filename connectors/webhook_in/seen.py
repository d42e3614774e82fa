"""Remembers which CloudEvents came before: what has the same source and id is the same event."""

from collections.abc import Iterable, Sequence
from itertools import islice

from connectors.webhook_in.fields import text
from opsconductor.limits import BoundedMap
from opsconductor.model.keys import key_of

MOST_EVENTS = 50_000
LONGEST = 500
"""Of source and id together; longer ones are not remembered."""


class SeenEvents:
    """Keys of the events that were committed, the latest ones.

    Attributes:
        is_recalled: Those that an earlier life of the daemon has committed are known.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._seen: BoundedMap[bytes, None] = BoundedMap(MOST_EVENTS)

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self._seen.clear()

    def fresh(self, document: object) -> tuple[object, Sequence[bytes]]:
        """Leave out of a document what came before, or twice in it.

        Returns:
            What is left, None when that is nothing; and the keys to `note` once it is committed.
        """
        events = document if isinstance(document, list) else [document]
        left: list[object] = []
        keys: dict[bytes, None] = {}
        for event in events:
            key = key_of_event(event)
            if key and (key in self._seen or key in keys):
                continue
            left.append(event)
            if key:
                keys[key] = None
        if events and not left:
            return None, ()
        return (left if isinstance(document, list) else document), tuple(keys)

    def note(self, keys: Iterable[bytes]) -> None:
        """Remember events that are committed; beyond the bound the oldest are forgotten."""
        for key in keys:
            self._seen[key] = None

    def recall(self, keys: Iterable[bytes]) -> bool:
        """Remember events of an earlier life of the daemon, the latest first; False: there is no room."""
        older = list(islice(keys, MOST_EVENTS - len(self._seen)))
        present = list(self._seen)
        self.note(reversed(older))
        self.note(present)
        return not self._seen.is_full


def key_of_event(event: object) -> bytes:
    """Return the key of source and id of an event; empty: it has none, or too long ones."""
    if not isinstance(event, dict):
        return b""
    source, name = text(event.get("source")), text(event.get("id"))
    if not source or not name or len(source) + len(name) > LONGEST:
        return b""
    return key_of(source.encode("utf-8", "surrogatepass"), name.encode("utf-8", "surrogatepass"))
