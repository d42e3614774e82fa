"""Entries of the spool, and its fill level."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from opsconductor.model.changes import Changes
from opsconductor.store.spool.codec import decode
from opsconductor.store.spool.record import Record

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolWaiting:
    """What is in the spool.

    Attributes:
        entries: Number of waiting entries; each is one call of `append`.
        bytes: Compressed size of the entries; the files are a little larger.
        oldest_at: When the oldest entry was appended; None: there is none.
        rejected: Entries that PostgreSQL rejected permanently, kept for inspection.
    """

    entries: int = 0
    bytes: int = 0
    oldest_at: datetime | None = None
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolEntry:
    """Changes that wait in the spool.

    Attributes:
        position: Rises with every entry; identifies it for draining.
        weight: Number of rows of the changes in PostgreSQL.
    """

    position: int
    appended_at: datetime
    weight: int
    body: bytes

    def changes(self) -> Changes:
        """Decode the changes.

        Raises:
            StoreRejected: They are damaged or of another version.
        """
        return decode(self.body)


def entry_of(record: Record) -> SpoolEntry:
    """Return the entry of a record."""
    return SpoolEntry(
        position=record.number, appended_at=time_of(record.at_us), weight=record.weight, body=record.body
    )


def time_of(microseconds: int) -> datetime:
    """Convert a time; one out of range becomes now."""
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(microseconds / MICROSECONDS, UTC)
    return datetime.now(UTC)
