"""Announcements of maintenance windows: it has begun, ends at another time, is over."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID

from opsconductor.engine.muting.announced import Addressee, AnnouncedWindow
from opsconductor.engine.muting.marking import label_of
from opsconductor.engine.state import EngineState
from opsconductor.engine.step import EngineStep
from opsconductor.model.changes import NotificationIntent
from opsconductor.model.enums import NotificationKind, Severity
from opsconductor.model.notifications.maintenance import MaintenanceWindow, WindowEvent, scope_of
from opsconductor.model.text import one_line

TITLES = {
    WindowEvent.BEGUN: "Maintenance has begun",
    WindowEvent.MOVED: "Maintenance ends at another time",
    WindowEvent.OVER: "Maintenance is over",
}
LONGEST_TITLE = 200


def announce_windows(work: EngineStep) -> None:
    """Notify of windows that have begun, of other ends, and of those that are over, once each.

    Those who were notified of the beginning are notified of the rest, also of a window that was deleted. An
    occurrence that began and ended while the daemon was stopped is not announced.
    """
    state = work.state
    if not state.windows.take_moved():
        return
    known = state.announced.known
    active = {window.id: (window, occurrence) for window, occurrence in state.windows.active()}
    for window_id, announced in tuple(known.items()):
        until = announced.until
        if window_id not in active:
            _announce_end(work, window_id, announced, work.now)
        elif until is not None and active[window_id][1].since >= until:  # the next occurrence
            _announce_end(work, window_id, announced, until)
    for window, occurrence in active.values():
        end_at = _text(occurrence.until)
        before = known.get(window.id)
        if before is None and window.announce:
            begun = AnnouncedWindow(
                {**_facts_of(window), "end_at": end_at}, tuple(_recipients(state, window))
            )
            _announce(work, window.id, WindowEvent.BEGUN, begun)
        elif before is not None and before.facts["end_at"] != end_at:
            facts = {**before.facts, "end_at": end_at, "old_end_at": before.facts["end_at"]}
            _announce(work, window.id, WindowEvent.MOVED, before._replace(facts=facts))


def _announce_end(work: EngineStep, window_id: UUID, window: AnnouncedWindow, end: datetime) -> None:
    label = label_of(str(window.facts["name"]))
    still_open = sum(alert.muted_by == label for alert in work.book.open.values())
    facts = {**window.facts, "end_at": _text(end), "open_alerts": still_open}
    _announce(work, window_id, WindowEvent.OVER, window._replace(facts=facts))


def _announce(work: EngineStep, window_id: UUID, event: WindowEvent, window: AnnouncedWindow) -> None:
    """Write the messages into the outbox, and store what the recipients know now."""
    facts = {"id": str(window_id), **window.facts, "event": event.value}
    name = str(window.facts["name"])
    for each in window.recipients:
        at = work.state.clock.stamp()
        failover = {} if each.failover is None else {"failover": each.failover}
        work.notifications.append(
            NotificationIntent(
                id=work.state.new_id(at),
                alert_id=window_id,
                rule_id=window_id,
                rule_name=label_of(name),
                channel=each.channel,
                recipient=each.recipient,
                kind=NotificationKind.MAINTENANCE,
                created_at=at,
                facts={
                    **failover,
                    "kind": NotificationKind.MAINTENANCE.value,
                    "rule": label_of(name),
                    "severity": Severity.INFO.value,
                    "title": one_line(f"{TITLES[event]}: {name}", LONGEST_TITLE),
                    "window": facts,
                },
            )
        )
    work.state.announced.note(window_id, None if event is WindowEvent.OVER else window)


def _recipients(state: EngineState, window: MaintenanceWindow) -> Iterator[Addressee]:
    """Yield whom a window names, each once, without channels that open an incident for each alert."""
    seen = set()
    for target in window.announce:
        failover = None
        if target.failover is not None:
            failover = {"channel": target.failover.channel, "recipients": list(target.failover.recipients)}
        for recipient in target.recipients:
            if (target.channel, recipient) in seen or state.batches.policies[target.channel].is_single:
                continue
            seen.add((target.channel, recipient))
            yield Addressee(target.channel, recipient, failover)


def _facts_of(window: MaintenanceWindow) -> Mapping[str, object]:
    return {
        "name": window.name,
        "reason": window.reason,
        "created_by": window.created_by,
        "mutes": scope_of(window),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
