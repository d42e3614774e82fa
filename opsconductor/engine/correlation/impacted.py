"""Keeps `impacted` of open causes in line with the number of their consequences."""

from itertools import islice

from opsconductor.engine.grouping.batches import AUDIBLE
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES

LEAST_COUNTS, COUNTS_SHARE = 20, 10
"""A step updates this many numbers; or one for this many other alerts that it has changed."""


def count_impacts(work: EngineStep) -> None:
    """Update `impacted` of open causes; a closed one keeps its last number.

    While much else changes only some are updated, so that no more rows are written than a share of the
    others.
    """
    changed = work.book.chains.changed
    most = max(LEAST_COUNTS, work.changed // COUNTS_SHARE)
    if not work.folded:
        most += max(work.budget, 0)
    for number in tuple(islice(changed, most)):
        del changed[number]
        alert = work.book.numbered(number)
        if alert is not None and alert.status in OPEN_STATUSES:
            count_impact(work, alert)


def count_impact(work: EngineStep, alert: Alert) -> None:
    """Update `impacted` of one open alert."""
    impacted = work.book.chains.count(alert.id.int)
    if impacted != alert.impacted:
        work.change(alert, impacted=impacted)
        if work.state.router.asks_cause and not (impacted and alert.impacted):
            work.grown.setdefault(alert.fingerprint, alert)
    elif alert.notified and alert.status in AUDIBLE:  # an update of this step may have had a smaller number
        work.state.batches.note_impact(alert, impacted, work.now)
