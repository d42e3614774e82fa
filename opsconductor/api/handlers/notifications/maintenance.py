"""Maintenance windows and silences: list, add, move the end, delete."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import NO_NUL, SOME_TEXT, Lasts, Parameters, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.live_maintenance import Row
from opsconductor.api.views import View
from opsconductor.config.provision.declared_maintenance import MOST_ANNOUNCED
from opsconductor.connector.duration import parse_duration
from opsconductor.engine.clock import later
from opsconductor.engine.muting.marking import label_of
from opsconductor.engine.muting.schedule import state_at
from opsconductor.errors import ConfigError
from opsconductor.model.alert import Alert
from opsconductor.model.notifications.maintenance import MuteMode
from opsconductor.store.maintenance import window_of

MAINTENANCE = "/api/v1/maintenance"
NAMED_BY = ("device_name", "device_ip_pattern", "site", "device_tags", "alert_type", "role")
"""Conditions by which a window without name is called."""
LONGEST_NAME = 100
UNUSABLE = "the maintenance window cannot be used as it is"


class AnnounceTo(Parameters):
    """A channel, and whom it notifies."""

    channel: Annotated[str, Field(max_length=50, pattern=SOME_TEXT)] | None = Field(
        None, description="Name of a connector."
    )
    type: Annotated[str, Field(max_length=50, pattern=SOME_TEXT)] | None = Field(
        None, description="Type of a connector in place of its name, if one is enabled."
    )
    recipients: list[Annotated[str, Field(max_length=255, pattern=SOME_TEXT)]] = Field(
        default_factory=list, description="Empty: those of the channel itself."
    )


class MaintenanceBody(Parameters):
    """A maintenance window, or a silence: one that begins now."""

    name: Annotated[str, Field(max_length=LONGEST_NAME, pattern=SOME_TEXT)] | None = Field(
        None, description="Unique; default: of the device and the time."
    )
    reason: Annotated[str, Field(max_length=1_000, pattern=NO_NUL)] | None = None
    conditions: dict[str, Any] = Field(
        default_factory=dict,
        description="Of the alerts, as in notification rules; see docs/notifications.md.",
    )
    behind: Annotated[str, Field(max_length=255, pattern=SOME_TEXT)] | None = Field(
        None, description="A device: it, and what is cut off without it."
    )
    everything: bool = Field(
        default=False, strict=True, description="Must be true if there are no conditions and no device."
    )
    mode: MuteMode = MuteMode.MUTE
    start_at: Time | None = Field(None, description="Default: now.")
    end_at: Time | None = Field(None, description="Its end, or `lasts`; of one that recurs the last end.")
    lasts: Lasts | None = Field(None, description="How long, in place of `end_at`: `30m`, `2h`, `1d`.")
    recurring: dict[str, Any] | None = Field(
        None, description="`rule` (RFC 5545) and `zone`; each occurrence `lasts` as long as is given."
    )
    announce: list[AnnounceTo] = Field(
        default_factory=list, max_length=MOST_ANNOUNCED, description="Who is notified of begin and end."
    )


class MaintenanceEnd(Parameters):
    """The planned end of a window; alerts that it holds follow at once."""

    end_at: Time


class MaintenanceView(View):
    """A maintenance window and what it does at present."""

    id: UUID
    name: str
    reason: str | None
    conditions: dict[str, Any]
    behind: str | None
    mode: MuteMode
    start_at: AwareDatetime
    end_at: AwareDatetime | None
    recurring: dict[str, Any] | None
    announce: list[dict[str, Any]] = Field(description="Channels and recipients of begin and end.")
    state: str = Field(description="`planned`, `active` or `over`.")
    state_until: AwareDatetime | None = Field(description="End of the present state; null: there is none.")
    muted: int = Field(
        description="Open alerts that it mutes; of several windows the one that ends last counts."
    )
    held: int = Field(description="Those of them of which somebody would be notified if it ended now.")
    created_by: str | None
    declared_in: str | None = Field(description="The file that declares it; a reload restores what it says.")


async def list_windows(call: Call) -> web.Response:
    """Respond with the windows that are planned, active, or have been over for less than a month."""
    rows = await call.parts.maintenance.list()
    amounts = _amounts(call)
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
        "name": body.name or _name_of(body, start_at),
        "reason": body.reason,
        "conditions": body.conditions,
        "behind": body.behind,
        "mode": body.mode,
        "start_at": start_at,
        "end_at": end_at,
        "recurring": recurring,
        "announce": [each.model_dump(exclude_none=True) for each in body.announce],
    }
    try:
        row = await call.parts.maintenance.add(document, call.operator.name)
    except ConfigError as error:
        raise _refused(error) from error
    return answer(_view(call, row, _amounts(call)))


async def move_end(call: Call) -> web.Response:
    """Set the planned end of a window, earlier or later."""
    return await _end(call, call.body.end_at)


async def end_now(call: Call) -> web.Response:
    """End a window now; of one that recurs the present occurrence."""
    return await _end(call, None)


async def delete_window(call: Call) -> web.Response:
    """Delete a window."""
    if not await call.parts.maintenance.delete(call.id, call.operator.name):
        raise _unknown(call)
    return answer(None)


async def _end(call: Call, moment: datetime | None) -> web.Response:
    try:
        if moment is None:
            now = call.parts.connectors.now()
            row = await call.parts.maintenance.end(call.id, now, call.operator.name)
        else:
            row = await call.parts.maintenance.move_end(call.id, moment, call.operator.name)
    except ConfigError as error:
        raise _refused(error) from error
    if row is None:
        raise _unknown(call)
    return answer(_view(call, row, _amounts(call)))


def _name_of(body: MaintenanceBody, start_at: datetime) -> str:
    """Return a name for a window that was given none."""
    given = [body.conditions.get(name) for name in NAMED_BY]
    texts = [each[0] if isinstance(each, list) and each else each for each in given]
    what = body.behind or next((each for each in texts if isinstance(each, str) and each.strip()), "silence")
    when = f" {start_at:%Y-%m-%d %H:%M:%S}"
    return what.strip()[: LONGEST_NAME - len(when)] + when


def _amounts(call: Call) -> Mapping[str, tuple[int, int]]:
    """Return the numbers of muted alerts, and of those held back, by what mutes them."""
    muted: list[Alert] = [alert for alert in call.parts.engine().open_alerts() if alert.muted_by]
    held = Counter(alert.muted_by for alert in muted if alert.muted_kind)
    return {str(by): (amount, held[by]) for by, amount in Counter(alert.muted_by for alert in muted).items()}


def _view(call: Call, row: Row, amounts: Mapping[str, tuple[int, int]]) -> MaintenanceView:
    found = state_at(window_of(row), call.parts.connectors.now())
    state = "active" if found.is_open else "over" if found.until is None else "planned"
    muted, held = amounts.get(label_of(row["name"]), (0, 0))
    fields = {
        name: row[name] for name in ("id", "name", "reason", "conditions", "behind", "mode", "start_at")
    }
    return MaintenanceView(
        **fields,
        end_at=row["end_at"],
        recurring=row["recurring"],
        announce=row["announce"],
        state=state,
        state_until=found.until,
        muted=muted,
        held=held,
        created_by=row["created_by"],
        declared_in=row["provisioned_from"],
    )


def _unusable(name: str, found: str, expected: str) -> web.HTTPException:
    details = [{"name": name, "found": found, "expected": expected}]
    return refusal(
        web.HTTPConflict,
        "unusable",
        f"{UNUSABLE}: {name}: found {found}, expected {expected}",
        details=details,
    )


def _refused(error: ConfigError) -> web.HTTPException:
    details = [{"name": each.key, "found": each.found, "expected": each.expected} for each in error.faults]
    words = "; ".join(f"{each.key}: found {each.found}, expected {each.expected}" for each in error.faults)
    return refusal(web.HTTPConflict, "unusable", f"{UNUSABLE}: {words}", details=details)


def _unknown(call: Call) -> web.HTTPException:
    return refusal(web.HTTPNotFound, "not_found", f"there is no maintenance window {call.id}")


MAINTENANCE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=MAINTENANCE,
        handler=list_windows,
        summary="List maintenance windows, with their state and how many alerts they hold",
        permission="alerts:read",
        answers=list[MaintenanceView],
        tag="maintenance",
    ),
    Endpoint(
        method="POST",
        path=MAINTENANCE,
        handler=add_window,
        summary="Add a maintenance window, or a silence that begins now",
        permission="alerts:write",
        body=MaintenanceBody,
        answers=MaintenanceView,
        refuses=(409,),
        tag="maintenance",
    ),
    Endpoint(
        method="PATCH",
        path=f"{MAINTENANCE}/{{id}}",
        handler=move_end,
        summary="Move the planned end of a maintenance window, earlier or later",
        permission="alerts:write",
        body=MaintenanceEnd,
        answers=MaintenanceView,
        refuses=(409,),
        tag="maintenance",
    ),
    Endpoint(
        method="POST",
        path=f"{MAINTENANCE}/{{id}}/end",
        handler=end_now,
        summary="End a maintenance window now: what is still wrong is notified",
        permission="alerts:write",
        answers=MaintenanceView,
        refuses=(409,),
        tag="maintenance",
    ),
    Endpoint(
        method="DELETE",
        path=f"{MAINTENANCE}/{{id}}",
        handler=delete_window,
        summary="Delete a maintenance window: what is still wrong is notified",
        permission="alerts:write",
        tag="maintenance",
    ),
)
