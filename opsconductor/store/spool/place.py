"""Position of an entry in the spool."""

from dataclasses import dataclass

from opsconductor.store.spool.loss import LossReports
from opsconductor.store.spool.record import Record
from opsconductor.store.spool.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolPlace:
    """Position of an entry, and what is needed without reading it."""

    segment: Segment
    start: int
    end: int
    at_us: int
    weight: int
    bytes: int
    reports: LossReports


def place_of(record: Record, segment: Segment, *, start: int, end: int) -> SpoolPlace:
    """Return the position of a record."""
    return SpoolPlace(
        segment=segment,
        start=start,
        end=end,
        at_us=record.at_us,
        weight=record.weight,
        bytes=len(record.body),
        reports=LossReports(record.before, record.reports),
    )
