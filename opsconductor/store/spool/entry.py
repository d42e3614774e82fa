"""What the spool gives out: entries, and how much waits."""

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
        entries: How many times `append` was called for what waits.
        bytes: What the entries take, compressed; the files are a little larger.
        oldest_at: When the oldest entry was appended; None: there is none.
        rejected: Entries that PostgreSQL refused for good, kept for people to look at.
    """

    entries: int = 0
    bytes: int = 0
    oldest_at: datetime | None = None
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolEntry:
    """Changes that wait in the spool.

    Attributes:
        position: Rises with every entry; what is drained is named by it.
        weight: How many rows the changes are in PostgreSQL.
    """

    position: int
    appended_at: datetime
    weight: int
    body: bytes

    def changes(self) -> Changes:
        """Read the changes.

        Raises:
            StoreRejected: They are damaged or of another version.
        """
        return decode(self.body)


def entry_of(record: Record) -> SpoolEntry:
    """Make an entry of its record."""
    return SpoolEntry(
        position=record.number, appended_at=time_of(record.at_us), weight=record.weight, body=record.body
    )


def time_of(microseconds: int) -> datetime:
    """Read a time; one that no clock can have told is now."""
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(microseconds / MICROSECONDS, UTC)
    return datetime.now(UTC)
