"""Where an entry of the spool is."""

from dataclasses import dataclass

from opsconductor.store.spool.loss import LossReports
from opsconductor.store.spool.record import Record
from opsconductor.store.spool.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolPlace:
    """Where an entry is, and what must be known of it without reading it."""

    segment: Segment
    start: int
    end: int
    at_us: int
    weight: int
    bytes: int
    reports: LossReports


def place_of(record: Record, segment: Segment, *, start: int, end: int) -> SpoolPlace:
    """Note where a record is."""
    return SpoolPlace(
        segment=segment,
        start=start,
        end=end,
        at_us=record.at_us,
        weight=record.weight,
        bytes=len(record.body),
        reports=LossReports(record.before, record.reports),
    )
