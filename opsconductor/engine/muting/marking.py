"""Marks of alerts that are muted for a time, and the notifications that are held back meanwhile."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from opsconductor.engine.alert_index import device_key
from opsconductor.engine.recipients.choosing import put_off
from opsconductor.engine.routing.situation import Situation
from opsconductor.engine.state import EngineState
from opsconductor.engine.step import EngineStep
from opsconductor.model import canary
from opsconductor.model.alert import LONGEST_MUTE, Alert
from opsconductor.model.enums import NotificationKind, Status
from opsconductor.model.notifications.maintenance import MuteMode
from opsconductor.model.text import one_line

NOT_SHELVED: dict[str, Any] = {"shelved_until": None, "shelved_by": None, "shelved_reason": None}


class Mute(NamedTuple):
    """Why an alert is muted at present.

    Attributes:
        until: None: until it is ended.
    """

    by: str
    until: datetime | None
    is_hidden: bool


def mute_of(state: EngineState, alert: Alert) -> Mute | None:
    """Return what mutes an alert now, of several what ends last; None: nothing does."""
    if not state.may_be_muted(alert):
        return None
    mutes = list(_mutes(state, alert))
    if not mutes:
        return None
    last = max(mutes, key=lambda mute: (mute.until is None, mute.until or state.clock.now, mute.by))
    return last._replace(is_hidden=any(mute.is_hidden for mute in mutes))


def _mutes(state: EngineState, alert: Alert) -> Iterator[Mute]:
    now = state.clock.now
    if alert.shelved_until is not None and alert.shelved_until > now:
        reason = f": {alert.shelved_reason}" if alert.shelved_reason else ""
        text = one_line(f"shelved by {alert.shelved_by}{reason}", LONGEST_MUTE)
        yield Mute(text, alert.shelved_until, is_hidden=False)
    if not state.windows.is_active or alert.alert_type == canary.ALERT_TYPE:
        return
    device = state.inventory.device_at(device_key(alert))
    situation = Situation(alert=alert, event=alert.last_event, at=now, device=device)
    for window, until in state.windows.around(situation):
        yield Mute(label_of(window.name), until, is_hidden=window.mode is MuteMode.HIDE)


def label_of(name: str) -> str:
    """Return how alerts name the maintenance window that mutes them."""
    return one_line(f"maintenance {name}", LONGEST_MUTE)


def marked(work: EngineStep, alert: Alert) -> Alert:
    """Bring the marks of an alert into line with windows and shelf, without notification.

    When it is not muted any more, the time without acknowledgement begins anew: no one was notified of it.
    """
    mute = mute_of(work.state, alert)
    if mute is None:
        return alert if alert.muted_by is None else work.change(alert, **unmuted(work, alert))
    values: dict[str, Any] = {
        "muted_by": mute.by,
        "muted_until": mute.until,
        "is_hidden": mute.is_hidden,
    }
    if alert.muted_by is None:
        values |= {"muted_since": work.now, "muted_severity": alert.severity.value, "muted_kind": ""}
    if all(getattr(alert, name) == value for name, value in values.items()):
        return alert
    return work.change(alert, **values)


NOT_MUTED: dict[str, Any] = {
    "muted_by": None,
    "muted_until": None,
    "is_hidden": False,
    "muted_since": None,
    "muted_kind": "",
    "muted_severity": "",
}


def unmuted(work: EngineStep, alert: Alert) -> dict[str, Any]:
    """Return the fields of an alert that is not muted any more."""
    values = NOT_MUTED | shelf_over(work, alert)
    if alert.status is not Status.ACTIVE:
        return values
    return values | {"unacknowledged_since": work.now, "reroute_at": None, "planned": put_off(alert)}


def held_back(
    work: EngineStep, alert: Alert, kind: NotificationKind
) -> tuple[Alert, Mapping[str, object] | None]:
    """Hold a notification back if its alert is muted.

    Returns:
        The alert, and the content of a history row; None: it is not muted.
    """
    alert = marked(work, alert)
    if alert.muted_by is None:
        return alert, None
    return work.change(alert, muted_kind=_waiting_kind(alert.muted_kind, kind)), shown(None, alert)


def muted_from(work: EngineStep, alert: Alert, since: datetime) -> None:
    """Mark an alert as muted; what rules have waited for since a time is evaluated at the end of muting."""
    alert = marked(work, alert)
    work.change(
        alert, reroute_at=None, planned=put_off(alert), muted_since=min(alert.muted_since or since, since)
    )


def is_muted(work: EngineStep, alert: Alert) -> bool:
    """Return True if an alert is muted now, whatever its marks are."""
    return mute_of(work.state, alert) is not None


def shown(before: Alert | None, alert: Alert) -> Mapping[str, object]:
    """Return the marks of an alert as the content of a history row; None: it had none before."""
    return {
        "muted_by": [before.muted_by if before else None, alert.muted_by],
        "muted_until": [_text(before.muted_until if before else None), _text(alert.muted_until)],
    }


def _waiting_kind(known: str, kind: NotificationKind) -> str:
    """Return what waits for the end of muting, after another notification was held back."""
    if known == NotificationKind.PROBLEM:
        return known
    if known == NotificationKind.FLAPPING and kind is NotificationKind.STABLE:
        # no one was notified of the flapping; it may be worse than before
        return NotificationKind.WORSE.value
    return kind.value


def shelf_over(work: EngineStep, alert: Alert) -> dict[str, Any]:
    """Return the fields of an alert that change when its time on the shelf is over; empty: it is not."""
    is_over = alert.shelved_until is not None and alert.shelved_until <= work.now
    return NOT_SHELVED if is_over else {}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
