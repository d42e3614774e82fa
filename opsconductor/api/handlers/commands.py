"""Operator commands on alerts; each is a command to the engine, answered after the commit."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import hdrs, web

from opsconductor.api.handlers.alerts import stored_alert, views_of
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Remark
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.open_alerts import status_fields
from opsconductor.api.state_tag import expected_of, tag_of
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.errors import AlertConflict, AlertNotFound
from opsconductor.model.alert import Alert
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Expected,
    Note,
    Reopen,
    Resolve,
    SetSeverity,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
)

LONGEST_WAIT = timedelta(days=1)
"""Expiry times further away than this are treated as none."""
ACTIONS: Mapping[type[Command], str] = {SetSeverity: "severity", Tag: "tags"}
"""Names of commands in the audit log, of those whose name is not that of their class."""
TIMEOUT_S = 15.0
"""Longer than the database and the spool together may take to store a change."""


async def acknowledge(call: Call) -> web.Response:
    """Acknowledge an alert."""
    return await _do(call, Acknowledge(**_common(call)))


async def unacknowledge(call: Call) -> web.Response:
    """Withdraw the acknowledgement."""
    return await _do(call, Unacknowledge(**_common(call), restore=call.body.restore))


async def resolve(call: Call) -> web.Response:
    """Resolve an alert."""
    return await _do(call, Resolve(**_common(call)))


async def reopen(call: Call) -> web.Response:
    """Reopen an alert that was closed recently."""
    return await _do(call, Reopen(**_common(call), restore=call.body.restore))


async def tag(call: Call) -> web.Response:
    """Add and remove tags of people."""
    return await _do(call, Tag(**_common(call), add=call.body.add, remove=call.body.remove))


async def set_severity(call: Call) -> web.Response:
    """Set the severity in place of the device, or withdraw that."""
    return await _do(call, SetSeverity(**_common(call), severity=call.body.severity))


async def note(call: Call) -> web.Response:
    """Add a comment to its history."""
    return await _do(call, Note(**_common(call)))


async def shelve(call: Call) -> web.Response:
    """Shelve an alert: send no notifications for it for a time."""
    until = call.parts.connectors.now() + parse_duration(call.body.lasts)
    return await _do(call, Shelve(**_common(call), until=until))


async def unshelve(call: Call) -> web.Response:
    """End that before its time."""
    return await _do(call, Unshelve(**_common(call), restore=call.body.restore))


async def assign(call: Call) -> web.Response:
    """Assign an alert."""
    return await _do(call, Assign(**_common(call), assigned_to=call.body.assigned_to))


def _live_alert(call: Call) -> Alert | None:
    """Return the alert in the path if the engine has it.

    Raises:
        AlertNotFound: The caller may not see it.
    """
    alert = call.parts.engine().get(call.id)
    if alert is not None and not call.rows.has(alert):
        raise AlertNotFound(f"there is no alert {call.id}")
    return alert


def _common(call: Call) -> dict[str, Any]:
    """Return the common part of a command: alert, actor, notes, and expected state.

    `expires_at` is by the wall clock; the engine's clock may be ahead of it.
    """
    wanted: Remark = call.body
    until = None
    if wanted.expires_at is not None:
        left = wanted.expires_at - datetime.now(UTC)
        until = call.parts.connectors.now() + max(-LONGEST_WAIT, min(LONGEST_WAIT, left))
    seen = expected_of(call.request, _live_alert(call))
    expected = Expected(
        status=wanted.expected_status or seen.status,
        severity=wanted.expected_severity or seen.severity,
        acknowledged_by=wanted.expected_acknowledged_by or seen.acknowledged_by,
        until=until,
    )
    return {"alert_id": call.id, "operator": call.operator, "notes": wanted.notes, "expected": expected}


async def _do(call: Call, command: Command) -> web.Response:
    """Send a command to the engine, which knows open alerts only; distinguish closed from unknown ones."""
    before = _live_alert(call)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            alert = await call.parts.pipeline.command(command)
    except TimeoutError as error:
        message = "neither the database nor the spool accepts changes now; check later whether it was done"
        headers = {"Retry-After": "15"}
        raise refusal(web.HTTPServiceUnavailable, "unsettled", message, headers=headers) from error
    except AlertNotFound as error:
        status = (await stored_alert(call)).alert.status
        message = f"the alert is {status}; only open alerts can be changed"
        if isinstance(command, Reopen):
            message = (
                f"the alert is {status} for too long; if the problem lasts, its next report is a new alert"
            )
        raise AlertConflict(message, {"status": status}) from error
    details: dict[str, object] = {
        "before": None if before is None else handling_of(before),
        "after": handling_of(alert),
    }
    if command.notes:
        details["notes"] = command.notes
    await call.record(f"alert.{action_of(command)}", str(call.id), details)
    views = await views_of(call, (alert,))
    response = answer(views[0], meta=status_fields(call.parts.database.status()))
    response.headers[hdrs.ETAG] = tag_of(alert)
    return response


def action_of(command: Command) -> str:
    """Return the name of a command in the audit log."""
    return ACTIONS.get(type(command), type(command).__name__.lower())


def handling_of(alert: Alert) -> Mapping[str, object]:
    """Return what commands change of an alert, for the audit log."""
    return {
        "status": alert.status,
        "severity": alert.severity,
        "acknowledged_by": alert.acknowledged_by,
        "assigned_to": alert.assigned_to,
        "tags": alert.own_tags,
        "device_severity": alert.device_severity,
        "shelved_until": None if alert.shelved_until is None else alert.shelved_until.isoformat(),
    }
