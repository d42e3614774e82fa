"""The maintenance windows whose beginning was announced, as they are stored between restarts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.model.changes import EngineDocument

WINDOW = "window"
"""Kind of the documents; the key is the id of the window."""


class Addressee(NamedTuple):
    """One recipient of the announcements of a window.

    Attributes:
        failover: Channel and recipients in the form that the delivery reads; None: there is none.
    """

    channel: str
    recipient: str
    failover: Mapping[str, Any] | None


class AnnouncedWindow(NamedTuple):
    """A window whose beginning was announced.

    Attributes:
        facts: JSON-ready, as in the latest message.
    """

    facts: Mapping[str, Any]
    recipients: tuple[Addressee, ...]

    @property
    def until(self) -> datetime | None:
        """Return the end that was announced; None: it is unknown."""
        end_at = self.facts["end_at"]
        return None if end_at is None else datetime.fromisoformat(end_at).astimezone(UTC)


@dataclass(slots=True)
class AnnouncedWindows:
    """State of the announcements; only steps of the engine change it.

    Attributes:
        known: By id of the window.
        changed: Ids of the windows whose documents the present step has changed.
    """

    known: dict[UUID, AnnouncedWindow] = field(default_factory=dict)
    changed: dict[UUID, None] = field(default_factory=dict)

    def note(self, window_id: UUID, window: AnnouncedWindow | None) -> None:
        """Store what the recipients know now; None: that the window is over."""
        if window is None:
            del self.known[window_id]
        else:
            self.known[window_id] = window
        self.changed[window_id] = None

    def load_all(self, documents: Iterable[EngineDocument]) -> list[tuple[EngineDocument, Exception]]:
        """Replace the state by the stored one; return the documents that cannot be read."""
        self.known.clear()
        unreadable: list[tuple[EngineDocument, Exception]] = []
        for each in documents:
            if each.document is None:
                continue
            try:
                self.known[UUID(each.key)] = _window_of(each.document)
            except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
                unreadable.append((each, error))
        return unreadable

    def take_changes(self) -> tuple[EngineDocument, ...]:
        """Return the documents that have changed since the last call."""
        changed = tuple(self._document(window_id) for window_id in self.changed)
        self.changed.clear()
        return changed

    def _document(self, window_id: UUID) -> EngineDocument:
        window = self.known.get(window_id)
        stored = window and {"facts": window.facts, "recipients": [list(each) for each in window.recipients]}
        return EngineDocument(kind=WINDOW, key=str(window_id), document=stored)


def _window_of(stored: Mapping[str, Any]) -> AnnouncedWindow:
    recipients = tuple(Addressee(channel, who, failover) for channel, who, failover in stored["recipients"])
    window = AnnouncedWindow({"name": "", "end_at": None, **stored["facts"]}, recipients)
    _ = window.until  # raises if it is damaged
    return window
