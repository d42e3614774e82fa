"""Reading alerts: lists, one alert with its history, notification decisions, counts.

Open alerts are always answered from the engine; closed ones and all history from PostgreSQL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import hdrs, web

from opsconductor.api.alert_pages import Wanted, read_page, wanted_of
from opsconductor.api.alert_views import alert_view
from opsconductor.api.devices.looking import dependents_of
from opsconductor.api.http.alert_parameters import AlertListParameters
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer
from opsconductor.api.http.single_flight import turns
from opsconductor.api.open_alerts import list_live, root_of, status_fields, summarize_open
from opsconductor.api.state_tag import tag_of
from opsconductor.api.varbinds import varbinds_of
from opsconductor.api.views import AlertDetail, AlertView, DeviceFactsView, NotifiedView, WhyView
from opsconductor.api.why import Evidence, sentence_for
from opsconductor.connector.outgoing.runbook import runbook_of
from opsconductor.engine.alert_index import device_key
from opsconductor.engine.routing.explaining import ExplainedVerdict
from opsconductor.errors import AlertNotFound, StoreUnavailable
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status
from opsconductor.store.alerts import lookup as store
from opsconductor.store.alerts.filter import URGENT_FIRST, AlertFilter
from opsconductor.store.alerts.lookup import Row, StoredAlert

SHOWN_CONSEQUENCES = 50


async def list_alerts(call: Call) -> web.Response:
    """Respond with one page of alerts and their total number."""
    given: AlertListParameters = call.query
    counts_hidden = given.is_open and given.is_hidden == (False,)
    return await answer_page(call, await wanted_of(call), counts_hidden=counts_hidden)


async def answer_page(call: Call, wanted: Wanted, *, counts_hidden: bool = False) -> web.Response:
    """Respond with a page of a list of alerts.

    Args:
        counts_hidden: `meta` has the number of open alerts that a maintenance window hides.
    """
    given: AlertListParameters = call.query
    page = await read_page(call, wanted)
    meta = {
        "page": given.page,
        "per_page": given.per_page,
        **page.meta(wanted.order),
        **_origin(call, is_live=given.is_open),
        **({"hidden": page.hidden} if counts_hidden else {}),
    }
    return answer(await views_of(call, page.alerts), meta=meta)


async def get_alert(call: Call) -> web.Response:
    """Respond with one alert with history, cause and consequences."""
    found = await find_alert(call, store.get_history)
    (history,) = found.past
    cause, root = await causes_of(call, found)
    detail = AlertDetail(
        **alert_view(found.alert, call.parts.engine().inventory).model_dump(),
        device=_device_of(call, found.alert),
        runbook=runbook_of({"custom_fields": found.alert.custom_fields})[1],
        raw_data=found.raw_data,
        varbinds=varbinds_of(found.raw_data),
        history=history,
        cause=cause,
        root=root,
        consequences=await consequences_of(call),
    )
    response = answer(detail, meta=found.origin)
    response.headers[hdrs.ETAG] = tag_of(found.alert)
    return response


def _device_of(call: Call, alert: Alert) -> DeviceFactsView | None:
    """Return what the inventory knows about the device of an alert."""
    inventory, key = call.parts.engine().inventory, device_key(alert)
    device = inventory.device_at(key)
    if device is None:
        return None
    shown = {name: getattr(device, name) for name in DeviceFactsView.model_fields if name != "dependents"}
    return DeviceFactsView(**shown, dependents=dependents_of(inventory, key, call.rows.devices))


async def consequences_of(call: Call) -> list[AlertView]:
    """Return the alerts that are suppressed because of the one in the path, the most severe."""
    wanted = AlertFilter(root_id=(call.id,), status=(Status.SUPPRESSED,))
    found = await list_live(call, wanted, sort=URGENT_FIRST, limit=SHOWN_CONSEQUENCES)
    return await views_of(call, found.alerts)


async def explain(call: Call) -> web.Response:
    """Respond with the reasons why an alert was or was not notified."""
    found = await find_alert(call, store.get_history, store.get_deliveries)
    history, deliveries = found.past
    cause, root = await causes_of(call, found)
    decisions = [dict(entry) for entry in history if "routing" in entry["changes"]]
    verdicts = _verdicts(call, found.alert, decisions[-1]) if decisions else []
    if decisions:
        shown = [each._asdict() for each in verdicts]
        decisions[-1]["changes"] = {**decisions[-1]["changes"], "routing": shown}
    evidence = Evidence(
        alert=found.alert,
        cause=cause.title if cause is not None else None,  # type: ignore[attr-defined]
        verdicts=verdicts,
        deliveries=deliveries,
        rules=call.parts.engine().router.rules,
        directory=call.parts.engine().router.directory,
        decided_at=decisions[-1]["created_at"] if decisions else None,
        is_whole=found.is_whole,
        waits=call.parts.engine().waits(found.alert),
    )
    name = call.query.name
    why = WhyView(
        answer=None if name is None else sentence_for(name, evidence),
        status=found.alert.status,
        cause=cause,
        root=root,
        correlation_rule=found.alert.correlation_rule,
        muted_by=found.alert.muted_by,
        muted_until=found.alert.muted_until,
        is_held=bool(found.alert.muted_kind),
        notify_at=found.alert.notify_at,
        flapping_since=found.alert.flapping_since,
        reroute_at=found.alert.reroute_at,
        decisions=decisions,
        notified=[NotifiedView.model_validate(recipient) for recipient in found.alert.notified],
        deliveries=deliveries,
    )
    return answer(why, meta=found.origin)


def _verdicts(call: Call, alert: Alert, entry: Mapping[str, Any]) -> list[ExplainedVerdict]:
    """Return the verdict of every rule on the latest decision."""
    return call.parts.engine().explain(alert, entry["changes"], entry["created_at"])


async def summarize(call: Call) -> web.Response:
    """Respond with the number of open alerts, by status and by severity."""
    return answer(await summarize_open(call), meta=_origin(call, is_live=True))


async def stored_alert(call: Call) -> StoredAlert:
    """Return the alert in the path.

    Raises:
        AlertNotFound: There is none, or the caller may not see it.
        StoreUnavailable: The database is away.
    """
    found = await call.parts.database.ask(store.get_alert, call.id)
    if found is None or not call.rows.has(found.alert):
        raise AlertNotFound(f"there is no alert {call.id}")
    return found


async def shown_of(call: Call, alerts: Sequence[Alert]) -> Sequence[Alert]:
    """Return what the caller may see of some alerts."""
    return await call.rows.shown(alerts, call.parts.engine(), call.request.app[turns])


async def views_of(call: Call, alerts: Sequence[Alert]) -> list[AlertView]:
    """Convert those of some alerts that the caller may see to list entries."""
    shown = await shown_of(call, alerts)
    inventory = call.parts.engine().inventory
    return [alert_view(alert, inventory) for alert in shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAlert:
    """One alert, and its past from PostgreSQL.

    Attributes:
        is_live: The engine holds it: it is open or was closed recently.
        past: Rows of each query about the past; empty while PostgreSQL does not answer.
        is_whole: PostgreSQL has answered.
        origin: For `meta`.
    """

    alert: Alert
    is_live: bool
    raw_data: Mapping[str, object]
    past: Sequence[Sequence[Mapping[str, Any]]]
    origin: Mapping[str, object]
    is_whole: bool = True


async def find_alert(
    call: Call, *past: Callable[[Any, UUID], Awaitable[Sequence[Row]]], alert_id: UUID | None = None
) -> FoundAlert:
    """Return an alert from the engine, or from PostgreSQL if the engine does not hold it.

    Args:
        past: Queries about its past.
        alert_id: None: the one in the path.

    Raises:
        AlertNotFound: Neither has it, or the caller may not see it.
        StoreUnavailable: The engine does not hold it, and PostgreSQL is away.
    """
    wanted = alert_id or call.id
    ask = call.parts.database.ask
    if call.parts.database.status().state == "connected":
        await call.parts.pipeline.in_flight.settled(wanted)
    alert = call.parts.engine().get(wanted)
    if alert is not None:
        alert = await _own_part(call, alert)
    try:
        stored, *rows = await asyncio.gather(
            ask(store.get_alert, wanted), *(ask(query, wanted) for query in past)
        )
    except StoreUnavailable:
        if alert is None:
            raise
        origin = _origin(call, is_live=True, is_whole=False)
        past_rows = [()] * len(past)
        return FoundAlert(
            alert=alert, is_live=True, raw_data={}, past=past_rows, origin=origin, is_whole=False
        )
    if alert is None and stored is None:
        raise AlertNotFound(f"there is no alert {wanted}")
    return FoundAlert(
        alert=alert or await _own_part(call, stored.alert),
        is_live=alert is not None,
        raw_data=stored.raw_data if stored else {},
        past=[_past(call, query, each) for query, each in zip(past, rows, strict=True)],
        origin=_origin(call, is_live=alert is not None),
    )


async def _own_part(call: Call, alert: Alert) -> Alert:
    """Return what the caller may see of an alert.

    Raises:
        AlertNotFound: It may not see it.
    """
    shown = await shown_of(call, [alert])
    if not shown:
        raise AlertNotFound(f"there is no alert {alert.id}")
    return shown[0]


def _past(call: Call, query: object, rows: Sequence[Row]) -> Sequence[Row]:
    found = [dict(row) for row in rows]
    return call.rows.history(found) if query is store.get_history else found


async def causes_of(call: Call, found: FoundAlert) -> tuple[AlertView | None, AlertView | None]:
    """Return the nearest cause and the end of the chain; in a cycle the nearest is the end.

    Only alerts that the caller may see are among them.
    """
    cause_id, ask = found.alert.correlated_to_id, call.parts.database.ask
    if cause_id is None:
        return None, None
    cause = call.parts.engine().get(cause_id)
    if cause is not None:
        return await _both(call, cause, root_of(call, cause, found.alert))
    try:
        stored, root = await asyncio.gather(ask(store.get_alert, cause_id), ask(store.get_root, call.id))
    except StoreUnavailable:
        if not found.is_live:
            raise
        return None, None
    if stored is None:
        return None, None
    return await _both(call, stored.alert, root or stored.alert)


async def _both(call: Call, cause: Alert, root: Alert) -> tuple[AlertView | None, AlertView | None]:
    views = {view.id: view for view in await views_of(call, (cause, root))}  # type: ignore[attr-defined]
    nearest = views.get(cause.id)
    return nearest, views.get(root.id, nearest)


def _origin(call: Call, *, is_live: bool, is_whole: bool = True) -> Mapping[str, object]:
    """Return for `meta` the origin of the alerts' state and the status of the database.

    `busy`: the database is up but did not answer this time.
    """
    status = status_fields(call.parts.database.status())
    if not is_whole and status["database"] == "connected":
        status = {"database": "busy"}
    return {"source": "engine" if is_live else "database", **status}
