"""Remembers which CloudEvents came before: what has the same source and id is the same event."""

from collections.abc import Sequence

from connectors.webhook_in.envelope import parse
from connectors.webhook_in.fields import text
from opsconductor.errors import DecodeError

MOST_EVENTS = 50_000
LONGEST = 500
"""Of source and id together; longer ones are not remembered."""

Name = tuple[str, str]


class SeenEvents:
    """Sources and ids of the events that were committed, the latest ones."""

    def __init__(self) -> None:
        self._seen: dict[Name, None] = {}

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self._seen.clear()

    def fresh(self, document: object) -> tuple[object, Sequence[Name]]:
        """Leave out of a document what came before, or twice in it.

        Returns:
            What is left, None when that is nothing; and the names to `note` once it is committed.
        """
        events = document if isinstance(document, list) else [document]
        left: list[object] = []
        names: dict[Name, None] = {}
        for event in events:
            name = name_of(event)
            if name is not None and (name in self._seen or name in names):
                continue
            left.append(event)
            if name is not None:
                names[name] = None
        if events and not left:
            return None, ()
        return (left if isinstance(document, list) else document), tuple(names)

    def note(self, names: Sequence[Name]) -> None:
        """Remember events that are committed; beyond the bound the oldest are forgotten."""
        for name in names:
            self._seen.pop(name, None)
            self._seen[name] = None
        while len(self._seen) > MOST_EVENTS:
            del self._seen[next(iter(self._seen))]

    def learn(self, payload: bytes) -> None:
        """Remember the events of a document that an earlier run of the daemon has committed."""
        try:
            document = parse(payload)
        except DecodeError:
            return
        events = document if isinstance(document, list) else [document]
        self.note([name for event in events if (name := name_of(event)) is not None])


def name_of(event: object) -> Name | None:
    """Return source and id of an event; None: it has none, or too long ones."""
    if not isinstance(event, dict):
        return None
    name = text(event.get("source")), text(event.get("id"))
    return name if all(name) and len(name[0]) + len(name[1]) <= LONGEST else None
