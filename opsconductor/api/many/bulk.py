"""Commands on many alerts at once: by their ids or by a filter, with the outcome of each."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import Field

from opsconductor.api.alert_pages import filter_of
from opsconductor.api.handlers.commands import handling_of
from opsconductor.api.http.alert_parameters import AlertFilterParameters
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import (
    LONGEST_NOTES,
    NO_NUL,
    SOME_TEXT,
    Id,
    Lasts,
    Parameters,
    SetSeverityTo,
    Tags,
)
from opsconductor.api.http.responses import answer
from opsconductor.api.open_alerts import list_live, status_fields
from opsconductor.api.views import View
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.errors import AlertConflict, AlertNotFound, CommandError, StoreUnavailable
from opsconductor.model.command import (
    Acknowledge,
    Assign,
    Command,
    Note,
    Reopen,
    Resolve,
    SetSeverity,
    Shelve,
    Tag,
    Unacknowledge,
    Unshelve,
)
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.alerts.filter import URGENT_FIRST

MOST_AT_ONCE = 1_000
"""Number of alerts that one request changes; of a filter the most urgent."""
MOST_IDS = 400
MOST_VALUES = 200
"""The audit log keeps the values of so many alerts, and the ids of the others."""
TIMEOUT_S = 45.0

Make = Callable[[Call, UUID], Command]


class BulkBody(Parameters):
    """The alerts to change: those with these ids that match the filter; without both, none.

    A filter without `status` means open alerts. An empty filter means all of them.
    """

    ids: tuple[Id, ...] = Field((), max_length=MOST_IDS)
    filter: AlertFilterParameters | None = None
    notes: Annotated[str, Field(max_length=LONGEST_NOTES), NO_NUL] | None = None


class BulkTakeBackBody(BulkBody):
    """The same, to take the command before it back."""

    restore: bool = Field(
        default=False, strict=True, description="All is as before it: as of the command on one alert."
    )


class BulkAssignBody(BulkBody):
    """The same, and the assignee; null: none."""

    assigned_to: Annotated[str, Field(max_length=100), SOME_TEXT] | None


class BulkShelveBody(BulkBody):
    """The same, and how long no notifications are sent for them; `notes` is the reason."""

    lasts: Lasts


class BulkNoteBody(BulkBody):
    """The same, with a comment for the history of each."""

    notes: Annotated[str, Field(max_length=LONGEST_NOTES), SOME_TEXT]


class BulkTagsBody(BulkBody):
    """The same, with tags to add, and tags of people to remove."""

    add: Tags = ()
    remove: Tags = ()


class BulkSeverityBody(BulkBody):
    """The same, and the severity in place of that of the device; `notes` is the reason."""

    severity: SetSeverityTo


class UnchangedView(View):
    """An alert that was not changed."""

    id: UUID
    code: str = Field(description="`not_found`, `conflict`, or `unsettled`: look later whether it was done.")
    message: str


class BulkView(View):
    """Outcome of a bulk command."""

    matched: int = Field(description="Alerts that were to be changed.")
    done: int
    changed: list[UUID] = Field(description="The alerts that were changed, so that it can be undone.")
    failed: list[UnchangedView]
    owners: dict[UUID, str | None] = Field(
        description="Of an assignment: whose the changed alerts were before, so that it can be undone."
    )
    left: int = Field(description="Alerts that match too, beyond the 1,000 of a request: ask again.")


async def acknowledge_many(call: Call) -> web.Response:
    """Acknowledge alerts."""
    return await _all(call, lambda call, each: Acknowledge(**_common(call, each)))


async def unacknowledge_many(call: Call) -> web.Response:
    """Withdraw the acknowledgements of alerts."""
    return await _all(
        call, lambda call, each: Unacknowledge(**_common(call, each), restore=call.body.restore)
    )


async def resolve_many(call: Call) -> web.Response:
    """Resolve alerts."""
    return await _all(call, lambda call, each: Resolve(**_common(call, each)))


async def reopen_many(call: Call) -> web.Response:
    """Reopen alerts, which a filter does not choose: it chooses open ones."""
    return await _all(call, lambda call, each: Reopen(**_common(call, each), restore=call.body.restore))


async def tag_many(call: Call) -> web.Response:
    """Add and remove tags of people."""
    body: BulkTagsBody = call.body
    return await _all(call, lambda call, each: Tag(**_common(call, each), add=body.add, remove=body.remove))


async def rate_many(call: Call) -> web.Response:
    """Set the severity of alerts in place of their devices, or withdraw that."""
    severity = call.body.severity
    return await _all(call, lambda call, each: SetSeverity(**_common(call, each), severity=severity))


async def assign_many(call: Call) -> web.Response:
    """Assign alerts."""
    find = call.parts.engine().get
    return await _all(
        call,
        lambda call, each: Assign(**_common(call, each), assigned_to=call.body.assigned_to),
        lambda each: alert.assigned_to if (alert := find(each)) is not None else None,
    )


async def note_many(call: Call) -> web.Response:
    """Add a comment to the histories of alerts."""
    return await _all(call, lambda call, each: Note(**_common(call, each)))


async def shelve_many(call: Call) -> web.Response:
    """Shelve alerts: send no notifications for them for a time."""
    until = call.parts.connectors.now() + parse_duration(call.body.lasts)
    return await _all(call, lambda call, each: Shelve(**_common(call, each), until=until))


async def unshelve_many(call: Call) -> web.Response:
    """End that before its time."""
    return await _all(call, lambda call, each: Unshelve(**_common(call, each), restore=call.body.restore))


def _common(call: Call, alert_id: UUID) -> Mapping[str, Any]:
    return {"alert_id": alert_id, "operator": call.operator, "notes": call.body.notes}


async def _all(call: Call, make: Make, owner_of: Callable[[UUID], str | None] | None = None) -> web.Response:
    ids, total = await _chosen(call)
    owners = {} if owner_of is None else {each: owner_of(each) for each in ids}
    before = _handling(call, ids)
    failed: list[UnchangedView] = []
    try:
        async with asyncio.timeout(TIMEOUT_S), asyncio.TaskGroup() as group:
            tasks = {each: group.create_task(_one(call, make(call, each))) for each in ids}
    except TimeoutError:
        unsettled = "not committed in time; look later whether it was done"
        failed += [
            UnchangedView(id=each, code="unsettled", message=unsettled)
            for each, task in tasks.items()
            if task.cancelled()
        ]
    failed += [found for task in tasks.values() if not task.cancelled() and (found := task.result())]
    unchanged = {each.id for each in failed}
    changed = [each for each in ids if each not in unchanged]
    view = BulkView(
        matched=len(ids),
        done=len(changed),
        changed=changed,
        failed=failed,
        owners={each: owners[each] for each in changed if each in owners},
        left=max(0, total - len(ids)),
    )
    if changed:
        await _record(call, view, before)
    return answer(view, meta=status_fields(call.parts.database.status()))


def _handling(call: Call, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, object]]:
    """Return what commands change of the first alerts, for the audit log."""
    find = call.parts.engine().get
    return {each: handling_of(alert) for each in ids[:MOST_VALUES] if (alert := find(each)) is not None}


async def _record(call: Call, view: BulkView, before: Mapping[UUID, Mapping[str, object]]) -> None:
    """Write all ids into the audit log, and of the first alerts the values before and after."""
    after = _handling(call, [each for each in view.changed if each in before])
    details: dict[str, object] = {
        "changed": [str(each) for each in view.changed],
        "failed": [str(each.id) for each in view.failed],
        "values": {
            str(each): {
                "before": {name: old for name, old in before[each].items() if old != new[name]},
                "after": {name: value for name, value in new.items() if value != before[each][name]},
            }
            for each, new in after.items()
        },
    }
    if call.body.notes:
        details["notes"] = call.body.notes
    await call.record("alerts.bulk", call.request.path.rpartition("/")[2], details)


async def _chosen(call: Call) -> tuple[Sequence[UUID], int]:
    """Return the ids of the alerts to change, and the number of all that match."""
    body: BulkBody = call.body
    ids = tuple(dict.fromkeys(body.ids))
    if body.filter is None:
        return ids, len(ids)
    wanted = await filter_of(call, body.filter)
    statuses = tuple(status for status in wanted.status or OPEN_STATUSES if status in OPEN_STATUSES)
    if not statuses:
        return (), 0
    page = await list_live(
        call, replace(wanted, status=statuses), sort=URGENT_FIRST, limit=10**9 if ids else MOST_AT_ONCE
    )
    found = [alert.id for alert in page.alerts]
    if not ids:
        return found, page.total
    wished = set(ids)
    both = [each for each in found if each in wished]
    return both, len(both)


async def _one(call: Call, command: Command) -> UnchangedView | None:
    """Execute one command; return why it failed, or None."""
    alert = call.parts.engine().get(command.alert_id)
    if alert is not None and not call.rows.has(alert):
        message = f"no alert {command.alert_id} is open or was closed recently"
        return UnchangedView(id=command.alert_id, code="not_found", message=message)
    try:
        await call.parts.pipeline.command(command)
    except AlertNotFound as error:
        return UnchangedView(id=command.alert_id, code="not_found", message=str(error))
    except AlertConflict as error:
        return UnchangedView(id=command.alert_id, code="conflict", message=str(error))
    except (CommandError, StoreUnavailable) as error:
        return UnchangedView(id=command.alert_id, code="unsettled", message=str(error))
    return None
