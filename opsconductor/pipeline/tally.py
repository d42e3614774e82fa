"""Counts the repeats of one alert within a batch: the hot path of a storm."""

from dataclasses import fields
from datetime import datetime
from operator import attrgetter

from opsconductor.model.alert import Alert
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.pipeline.clock import later
from opsconductor.pipeline.text import LONGEST_MESSAGE, fitted

_NAMES = tuple(field.name for field in fields(Alert))
_read_all = attrgetter(*_NAMES)
_write = {name: getattr(Alert, name).__set__ for name in _NAMES}
_writers = tuple(_write.values())


class Tally:
    """What has arrived for an open alert since it was last written down.

    Attributes:
        count: How many reports.
        last_at: When the latest of them, or of those before, occurred.
        acknowledged_by: Who takes care of it at its source, as far as is known.
        latest: The latest report; None: all were older than what the alert already told.
    """

    __slots__ = ("acknowledged_by", "count", "is_cutting", "last_at", "latest", "severity")

    def __init__(self, alert: Alert) -> None:
        self.severity = alert.severity
        self.is_cutting = alert.is_cutting
        self.last_at = alert.last_occurrence_at
        self.acknowledged_by = alert.source_acknowledged_by
        self.count = 0
        self.latest: NormalizedAlert | None = None


def counted(alert: Alert, tally: Tally, now: datetime) -> Alert:
    """Add a tally to an alert.

    Copies slot by slot: a third of the time of `dataclasses.replace`, which calls the
    constructor with all its keywords.
    """
    copy = object.__new__(Alert)
    for write, value in zip(_writers, _read_all(alert), strict=True):
        write(copy, value)
    _write["occurrence_count"](copy, alert.occurrence_count + tally.count)
    if tally.latest is not None:
        _write["last_occurrence_at"](copy, tally.last_at)
        _write["message"](copy, fitted(tally.latest.message, LONGEST_MESSAGE))
        if alert.expires_after is not None:
            _write["expires_at"](copy, later(now, alert.expires_after))
    return copy
