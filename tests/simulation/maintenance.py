"""Maintenance windows and shelves of a world, and the laws of alerts that they mute."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random
from uuid import UUID

from opsconductor.engine.engine import Engine
from opsconductor.model.alert import Alert
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import NotificationKind, Severity, Status
from opsconductor.model.notifications.maintenance import MaintenanceWindow, MuteMode
from opsconductor.model.notifications.rule import Conditions
from tests.simulation.people import is_known
from tests.support.engine.pipeline_scene import seconds

SILENT = {
    NotificationKind.PROBLEM,
    NotificationKind.WORSE,
    NotificationKind.FLAPPING,
    NotificationKind.STABLE,
    NotificationKind.ACKNOWLEDGED,
    NotificationKind.UPDATED,
    NotificationKind.REMINDER,
}
"""Kinds of messages that are not sent of a muted alert; recoveries are always sent."""


COMBINED = {"grouped", "together", "digest", "rule 56"}
"""Rules whose messages wait for one another."""


def some_windows(random: Random, addresses: Sequence[str], now: datetime) -> tuple[MaintenanceWindow, ...]:
    """Declare windows that begin and end around a time."""
    return tuple(_window(random, number, addresses, now) for number in range(random.choice((0, 1, 1, 2, 3))))


def _window(random: Random, number: int, addresses: Sequence[str], now: datetime) -> MaintenanceWindow:
    start_at = now + seconds(random.choice((-600, -1, 0, 0, 5, 300)))
    chosen = tuple(random.sample(addresses, random.choice((1, 3, 8))))
    severity = random.choice(((), (), (Severity.MINOR, Severity.WARNING)))
    return MaintenanceWindow(
        id=UUID(int=500 + number),
        name=f"window {number}",
        start_at=start_at,
        end_at=start_at + seconds(random.choice((1, 60, 900, 20_000))),
        conditions=Conditions(device_ip_pattern=chosen, severity=severity),
        mode=random.choice((MuteMode.MUTE, MuteMode.HIDE)),
    )


def is_in(windows: Iterable[MaintenanceWindow], address: object, severity: object, now: datetime) -> bool:
    """Return whether an alert is in a window, without the engine's index."""
    return any(
        each.end_at is not None
        and each.start_at <= now < each.end_at
        and address in each.conditions.device_ip_pattern
        and (not each.conditions.severity or severity in each.conditions.severity)
        for each in windows
    )


def check_silence(
    messages: Iterable[NotificationIntent],
    alerts: Mapping[UUID, Alert],
    windows: Sequence[MaintenanceWindow],
    now: datetime,
) -> None:
    """Check that no message is sent about a muted alert; waiting ones in a group were decided before."""
    for message in messages:
        if message.kind in SILENT and message.rule_name not in COMBINED:
            facts, alert = message.facts, alerts[message.alert_id]
            is_muted = is_in(windows, facts["device_ip"], facts["severity"], now)
            assert not is_muted, "a message during maintenance"
            assert alert.shelved_until is None or alert.shelved_until <= now, "a message from the shelf"


def check_muted(engine: Engine, windows: Sequence[MaintenanceWindow]) -> None:
    """Check that marks agree with windows and shelves, and that a held alert is sent when it is not muted."""
    state = engine._state
    due, now = engine.next_due(), state.clock.now
    is_done = due is None or due > now
    for alert in engine.open_alerts() if is_done else ():
        is_shelved = alert.shelved_until is not None and alert.shelved_until > now
        is_muted = is_shelved or is_in(windows, alert.device_ip, alert.severity, now)
        assert is_muted == (alert.muted_by is not None), "the marks of an alert are wrong"
        assert is_muted or not alert.muted_kind, "something waits for the end of muting that is over"
        if alert.status is Status.ACTIVE and alert.notify_at is None and not alert.notified:
            assert alert.muted_kind or is_known(engine, alert), (
                "an active alert that is neither sent nor held"
            )
