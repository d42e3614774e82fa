"""What operators do with alerts; each becomes a command to the engine and returns after the commit."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from opsconductor.api.handlers.alerts import stored_alert
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Remark
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.open_alerts import status_fields
from opsconductor.api.views import AlertView
from opsconductor.errors import AlertConflict, AlertNotFound
from opsconductor.model.command import Acknowledge, Assign, Command, Expected, Note, Resolve, Unacknowledge

LONGEST_WAIT = timedelta(days=1)
"""A time limit further away is as good as none."""
PATIENCE_S = 15.0
"""Longer than the database and the spool may take together to keep a change."""


async def acknowledge(call: Call) -> web.Response:
    """Someone takes care of it."""
    return await _do(call, Acknowledge(**_common(call)))


async def unacknowledge(call: Call) -> web.Response:
    """Nobody takes care of it any more."""
    return await _do(call, Unacknowledge(**_common(call)))


async def resolve(call: Call) -> web.Response:
    """An operator declares it over."""
    return await _do(call, Resolve(**_common(call)))


async def note(call: Call) -> web.Response:
    """Put a remark into its history."""
    return await _do(call, Note(**_common(call)))


async def assign(call: Call) -> web.Response:
    """Put it into someone's hands."""
    return await _do(call, Assign(**_common(call), assigned_to=call.body.assigned_to))


def _common(call: Call) -> dict[str, Any]:
    """Return what all commands have: which alert, who, notes, and the state that they expect.

    `expires_at` is by the clock of the wall; the engine's may be ahead of that.
    """
    wanted: Remark = call.body
    until = None
    if wanted.expires_at is not None:
        left = wanted.expires_at - datetime.now(UTC)
        until = call.parts.connectors.now() + max(-LONGEST_WAIT, min(LONGEST_WAIT, left))
    expected = Expected(
        status=wanted.expected_status,
        severity=wanted.expected_severity,
        acknowledged_by=wanted.expected_acknowledged_by,
        until=until,
    )
    return {"alert_id": call.id, "operator": call.operator, "notes": wanted.notes, "expected": expected}


async def _do(call: Call, command: Command) -> web.Response:
    """Hand a command to the engine, which knows open alerts only; tell the closed from the unknown."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            alert = await call.parts.pipeline.command(command)
    except TimeoutError as error:
        message = "neither the database nor the spool takes changes now; see whether it was done later"
        headers = {"Retry-After": "15"}
        raise refusal(web.HTTPServiceUnavailable, "unsettled", message, headers=headers) from error
    except AlertNotFound as error:
        status = (await stored_alert(call)).alert.status
        message = f"the alert is {status}; only open alerts can be changed"
        raise AlertConflict(message, {"status": status}) from error
    return answer(AlertView.model_validate(alert), meta=status_fields(call.parts.database.status()))
