"""Where an entry of the spool is."""

from dataclasses import dataclass

from opsconductor.store.spool_loss import Reports
from opsconductor.store.spool_record import Record
from opsconductor.store.spool_segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry is, and what must be known of it without reading it."""

    segment: Segment
    start: int
    end: int
    at_us: int
    weight: int
    bytes: int
    reports: Reports


def place_of(record: Record, segment: Segment, *, start: int, end: int) -> Place:
    """Note where a record is."""
    return Place(
        segment=segment,
        start=start,
        end=end,
        at_us=record.at_us,
        weight=record.weight,
        bytes=len(record.body),
        reports=Reports(record.before, record.reports),
    )
