"""Maintenance windows and silences: list, add, move the end, delete."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from aiohttp import web

from opsconductor.api.configuration.documents import faults_answered
from opsconductor.api.handlers.notifications.maintenance_bodies import (
    LONGEST_NAME,
    MaintenanceBody,
    MaintenanceEnd,
    MaintenanceView,
    TakeOverParameters,
)
from opsconductor.api.handlers.notifications.window_rows import is_own, refuse_others, touching
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import refused_for
from opsconductor.api.interfaces.maintenance import Row
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.engine.clock import later, utc_text
from opsconductor.engine.muting.marking import label_of
from opsconductor.engine.muting.schedule import state_at
from opsconductor.model.alert import Alert
from opsconductor.store.access.permissions import Rows
from opsconductor.store.maintenance import window_of

MAINTENANCE = "/api/v1/maintenance"
NAMED_BY = ("device_name", "device_ip_pattern", "site", "device_tags", "alert_type", "role")
"""Conditions by which a window without name is called."""


async def list_windows(call: Call) -> web.Response:
    """Respond with the windows that are planned, active, or have been over for less than a month."""
    rows, inventory = await call.parts.maintenance.list(), call.parts.engine().inventory
    muted = _muted(call)
    if call.rows.conditions:
        labels = {alert.muted_by for alert in muted if alert.muted_by}
        rows = await asyncio.to_thread(touching, rows, call.rows, inventory, labels)
    amounts = _amounts(muted)
    return answer([_view(call, row, amounts) for row in rows])


async def add_window(call: Call) -> web.Response:
    """Add a window."""
    body: MaintenanceBody = call.body
    start_at = body.start_at or call.parts.connectors.now()
    end_at, recurring = body.end_at, body.recurring
    if recurring is not None:
        recurring = {**recurring, "duration": body.lasts}
    elif (body.end_at is None) is (body.lasts is None):
        raise _unusable("end_at", "both" if end_at else "nothing", "either end_at or lasts")
    elif body.lasts:
        end_at = later(start_at, parse_duration(body.lasts))
    if not (body.conditions or body.behind or body.everything):
        raise _unusable("conditions", "none", "conditions, behind, or everything: true")
    document = {
        "name": body.name or _name_of(call, body, start_at),
        "reason": body.reason,
        "conditions": body.conditions,
        "behind": body.behind,
        "mode": body.mode.value,
        "start_at": start_at.isoformat(),
        "end_at": end_at and end_at.isoformat(),
        "recurring": recurring,
        "announce": [each.model_dump(exclude_none=True) for each in body.announce],
    }
    refuse_others(call, document)
    with faults_answered(is_single=True):
        row = await call.parts.maintenance.add(document, call.author)
    return answer(_view(call, row, _amounts(_muted(call))))


async def move_end(call: Call) -> web.Response:
    """Set the planned end of a window, earlier or later."""
    await _may_change(call)
    take_over = bool(call.query.take_over)
    with faults_answered(is_single=True):
        row = await call.parts.maintenance.move_end(
            call.id, call.body.end_at, call.author, is_taking_over=take_over
        )
    return _changed(call, row)


async def end_now(call: Call) -> web.Response:
    """End a window now; of one that recurs the present occurrence."""
    await _may_change(call)
    with faults_answered(is_single=True):
        row = await call.parts.maintenance.end(call.id, call.parts.connectors.now(), call.author)
    return _changed(call, row)


async def delete_window(call: Call) -> web.Response:
    """Delete a window."""
    await _may_change(call)
    take_over = bool(call.query.take_over)
    with faults_answered(is_single=True):
        is_deleted = await call.parts.maintenance.delete(call.id, call.author, is_taking_over=take_over)
    if not is_deleted:
        raise _unknown(call)
    return answer(None)


async def _may_change(call: Call) -> None:
    """Check that a caller with a row filter may change the window.

    Raises:
        web.HTTPNotFound: There is none, or it does not touch the devices of the caller.
        web.HTTPForbidden: It is about devices of others, too.
    """
    if not call.rows.conditions:
        return
    row = await call.parts.maintenance.find(call.id)
    inventory = call.parts.engine().inventory
    if row is None or not await asyncio.to_thread(touching, [row], call.rows, inventory, ()):
        raise _unknown(call)
    refuse_others(call, row)


def _changed(call: Call, row: Row | None) -> web.Response:
    if row is None:
        raise _unknown(call)
    return answer(_view(call, row, _amounts(_muted(call))))


def _name_of(call: Call, body: MaintenanceBody, start_at: datetime) -> str:
    """Return a name for a window that was given none."""
    given = [body.conditions.get(name) for name in NAMED_BY]
    texts = [each[0] if isinstance(each, list) and each else each for each in given]
    what = body.behind or next((each for each in texts if isinstance(each, str) and each.strip()), "silence")
    device = call.parts.engine().inventory.device_of(what)
    what = what if device is None else device.name
    when = f" {utc_text(start_at)}"
    return what.strip()[: LONGEST_NAME - len(when)] + when


def _muted(call: Call) -> Sequence[Alert]:
    """Return the open alerts that are muted and that the caller may see."""
    return [alert for alert in call.parts.engine().open_alerts() if alert.muted_by and call.rows.has(alert)]


def _amounts(muted: Sequence[Alert]) -> Mapping[str, tuple[int, int]]:
    """Return the numbers of muted alerts, and of those held back, by what mutes them."""
    held = Counter(alert.muted_by for alert in muted if alert.muted_kind)
    return {str(by): (amount, held[by]) for by, amount in Counter(alert.muted_by for alert in muted).items()}


def _view(call: Call, row: Row, amounts: Mapping[str, tuple[int, int]]) -> MaintenanceView:
    found = state_at(window_of(row), call.parts.connectors.now())
    state = "active" if found.is_open else "over" if found.until is None else "planned"
    muted, held = amounts.get(label_of(row["name"]), (0, 0))
    is_whole = is_own(row, call.rows.devices, call.parts.engine().inventory)
    is_ended = not row["recurring"] and found.until is None and not found.is_open
    return MaintenanceView(
        **{
            name: row[name]
            for name in ("id", "name", "reason", "mode", "start_at", "recurring", "created_by")
        },
        conditions=row["conditions"] if is_whole else {},
        behind=row["behind"] if is_whole else None,
        announce=row["announce"] if is_whole else [],
        end_at=found.since if is_ended and row["cut_at"] else row["end_at"],
        state=state,
        state_until=found.until,
        muted=muted,
        held=held,
        declared_in=row["provisioned_from"],
        is_whole=is_whole,
    )


def _unusable(name: str, found: str, expected: str) -> web.HTTPException:
    return refused_for([{"name": name, "found": found, "expected": expected}])


def _unknown(call: Call) -> web.HTTPException:
    return refusal(web.HTTPNotFound, "not_found", f"there is no maintenance window {call.id}")


MAINTENANCE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=MAINTENANCE,
        handler=list_windows,
        rows=Rows.OWN,
        summary="List maintenance windows, with their state and how many alerts they hold",
        permission="alerts:read",
        answers=list[MaintenanceView],
        tag="maintenance",
    ),
    Endpoint(
        method="POST",
        path=MAINTENANCE,
        handler=add_window,
        rows=Rows.OWN,
        summary="Add a maintenance window, or a silence that begins now",
        permission="alerts:write",
        body=MaintenanceBody,
        answers=MaintenanceView,
        refuses=(409, 422),
        tag="maintenance",
    ),
    Endpoint(
        method="PATCH",
        path=f"{MAINTENANCE}/{{id}}",
        handler=move_end,
        query=TakeOverParameters,
        rows=Rows.OWN,
        summary="Move the planned end of a maintenance window, earlier or later",
        permission="alerts:write",
        body=MaintenanceEnd,
        answers=MaintenanceView,
        refuses=(409, 422),
        tag="maintenance",
    ),
    Endpoint(
        method="POST",
        path=f"{MAINTENANCE}/{{id}}/end",
        handler=end_now,
        rows=Rows.OWN,
        summary="End a maintenance window now; problems that still exist are notified",
        permission="alerts:write",
        answers=MaintenanceView,
        refuses=(409, 422),
        tag="maintenance",
    ),
    Endpoint(
        method="DELETE",
        path=f"{MAINTENANCE}/{{id}}",
        handler=delete_window,
        query=TakeOverParameters,
        rows=Rows.OWN,
        summary="Delete a maintenance window; problems that still exist are notified",
        permission="alerts:write",
        refuses=(409,),
        tag="maintenance",
    ),
)
