"""Findings on the sizes of the tables, and the time until the disk is full; pure."""

from collections.abc import Sequence

from opsconductor.selfcheck.doctor.finding import DoctorFinding, ok, warning
from opsconductor.store.retention.sizes import TableSize

MIB, GIB = 1024**2, 1024**3
SHOWN_TABLES = 4
SOON_DAYS = 30
"""A disk that is full within this many days gives a warning."""
LEAST_GROWTH_BYTES = 10 * MIB
"""Growth per day below this is ignored: it does not fill a disk."""


def judge_sizes(sizes: Sequence[TableSize], free_bytes: int | None) -> list[DoctorFinding]:
    """Return findings on the sizes of the tables.

    Args:
        sizes: Largest first.
        free_bytes: Free bytes of their disk; None: unknown.
    """
    if not sizes:
        return []
    text = "tables: " + ", ".join(f"{each.table} {size_text(each.bytes)}" for each in sizes[:SHOWN_TABLES])
    known = [each.bytes_a_day for each in sizes if each.bytes_a_day is not None]
    if not known:
        return [ok("database", f"{text}; growth is known after a day")]
    growth = sum(known)
    if growth < LEAST_GROWTH_BYTES:
        return [ok("database", f"{text}; they do not grow")]
    text += f"; they grow by {size_text(growth)} a day"
    if free_bytes is None:
        return [ok("database", text)]
    days = int(free_bytes / growth)
    text += f", the disk is full in {days:,} days"
    if days < SOON_DAYS:
        return [warning("database", text, "make room, or lower the retention.* settings")]
    return [ok("database", text)]


def size_text(amount: float) -> str:
    """Return a readable number of bytes."""
    return f"{amount / GIB:,.1f} GiB" if amount >= GIB else f"{amount / MIB:,.1f} MiB"
