"""Shelves: one alert that a person has muted for a time."""

from typing import Any

from opsconductor.engine.muting.ending import follow_mute
from opsconductor.engine.muting.marking import NOT_SHELVED
from opsconductor.engine.step import EngineStep
from opsconductor.model.alert import LONGEST_REASON, LONGEST_WHO, Alert
from opsconductor.model.command import Shelve, Unshelve
from opsconductor.model.text import one_line


def shelve(work: EngineStep, alert: Alert, command: Shelve) -> None:
    """Put an alert on the shelf, or change how long it stays there."""
    work.state.unshelved.remember(alert)
    alert = work.change(
        alert,
        shelved_until=command.until,
        shelved_by=one_line(command.operator.name, LONGEST_WHO),
        shelved_reason=one_line(command.notes, LONGEST_REASON) if command.notes else None,
    )
    follow_mute(work, alert, "operator.shelve", by=command)


def unshelve(work: EngineStep, alert: Alert, command: Unshelve) -> None:
    """Take an alert from the shelf; it is notified now, unless a maintenance window mutes it.

    If the last shelving is taken back, it stays on the shelf for as long as before.
    """
    values = NOT_SHELVED
    if command.restore:
        earlier = work.state.unshelved.of(alert.id)
        assert earlier is not None
        if earlier.shelved_until is not None and earlier.shelved_until > work.now:
            values = {name: getattr(earlier, name) for name in NOT_SHELVED}
    alert = work.change(alert, **values)
    follow_mute(work, alert, "operator.unshelve", by=command)


def off_shelf(alert: Alert) -> dict[str, Any]:
    """Return the fields that change when an alert gets worse: it was shelved for a lower severity."""
    return {} if alert.shelved_until is None else NOT_SHELVED
