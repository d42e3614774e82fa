"""Handlers that read anomalies: list, one, export, digest, plot."""

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from opsconductor.api.handlers.anomalies.views import (
    AnomalyDetail,
    AnomalyParameters,
    AnomalyView,
    DigestView,
    HeldBackView,
    JudgementView,
    PlotView,
    ProposalView,
    view_of,
)
from opsconductor.api.http.compression import begin_file
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.errors import CursorMismatch
from opsconductor.model.measured.anomaly import drawn_series, drawn_span
from opsconductor.model.spreadsheet import cell_of
from opsconductor.store.anomalies.judging import feedback_of
from opsconductor.store.anomalies.listing import (
    AnomalyCursor,
    AnomalyFilter,
    find_anomaly,
    last_similar,
    list_anomalies,
    members_of,
    read_digest,
)
from opsconductor.store.datasets.records import DatasetViewer, viewer_of

AT_ONCE = 1_000
MOST_POINTS = 500
COLUMNS = tuple(AnomalyView.model_fields)
MEDIA = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
Row = Mapping[str, Any]


async def list_all(call: Call) -> web.Response:
    """Respond with a page of anomalies, the latest first."""
    limit = call.query.limit
    after = read_cursor(call.query.cursor) if call.query.cursor else None
    rows = await call.parts.database.ask(list_anomalies, filter_of(call), limit=limit, after=after)
    following = cursor_of(rows[-1]) if len(rows) == limit else None
    return answer([view_of(row) for row in rows], meta={"next": following})


async def get(call: Call) -> web.Response:
    """Respond with one anomaly and what explains it."""
    row = await found(call)
    ask = call.parts.database.ask
    members = [each for each in await ask(members_of, row["id"]) if is_visible(call, each)]
    similar = None if row["analysis_id"] is not None else await ask(last_similar, row)
    points = PlotView(times=[], values=[], lowest=[], highest=[])
    series = drawn_series(row["series_id"], row["explanation"])
    if series is not None:
        span = drawn_span(row["detected_at"], row["ended_at"], datetime.now(UTC))
        read = await call.parts.anomalies.points(series, *span, MOST_POINTS)
        points = PlotView.model_validate(read)
    detail = AnomalyDetail(
        **view_of(row).model_dump(),
        explanation=row["explanation"],
        rule_violations=row["rule_violations"],
        calculated_metrics=row["calculated_metrics"],
        feedback=[JudgementView.model_validate(dict(each)) for each in await ask(feedback_of, row)],
        points=points,
        part_of_it=[view_of({**each, "rule_name": None}) for each in members],
        last_similar=None if similar is None else similar["id"],
    )
    return answer(detail)


async def plot(call: Call) -> web.Response:
    """Respond with the plot of an anomaly as SVG."""
    drawn = await call.parts.anomalies.plot(await found(call))
    return web.Response(text=drawn, content_type="image/svg+xml")


async def digest(call: Call) -> web.Response:
    """Respond with what was held back."""
    since = datetime.now(UTC) - timedelta(hours=call.query.hours)
    devices = None if call.rows.devices is None else sorted(call.rows.devices)
    read = await call.parts.database.ask(read_digest, since, devices)
    view = DigestView(
        since=since,
        **dict(read.amounts),
        held_back=[HeldBackView.model_validate(dict(row)) for row in read.rows],
        proposals=[_proposal(row) for row in read.proposals],
    )
    return answer(view)


async def export(call: Call) -> web.StreamResponse:
    """Respond with all matching anomalies, streamed."""
    wanted, given = filter_of(call), call.query.format
    rows = await call.parts.database.ask_long(list_anomalies, wanted, limit=AT_ONCE)
    response, compress = await begin_file(call.request, name=f"anomalies.{given}", media=MEDIA[given])
    if given == "csv":
        await response.write(compress(_csv_of([COLUMNS])))
    while rows:
        await response.write(compress(_csv(rows) if given == "csv" else _lines(rows)))
        if len(rows) < AT_ONCE:
            break
        after = AnomalyCursor(detected_at=rows[-1]["detected_at"], id=rows[-1]["id"])
        rows = await call.parts.database.ask_long(list_anomalies, wanted, limit=AT_ONCE, after=after)
    await response.write_eof(compress(None))
    return response


async def found(call: Call) -> Row:
    """Return the anomaly in the path, if the caller may see it.

    Raises:
        web.HTTPNotFound: There is none.
    """
    row = await call.parts.database.ask(find_anomaly, call.id)
    if row is None or not is_visible(call, row):
        raise refusal(web.HTTPNotFound, "not_found", f"there is no anomaly {call.id}")
    return row


def is_visible(call: Call, row: Row) -> bool:
    """Return True if the caller may see an anomaly."""
    if row["analysis_id"] is None:
        devices = call.rows.devices
        return devices is None or row["device_key"] in devices
    viewer = viewer_of_datasets(call)
    if viewer is None or row["dataset_id"] is None:
        return False
    is_own = (viewer.user_id is not None and viewer.user_id == row["dataset_user"]) or (
        viewer.key_id is not None and viewer.key_id == row["dataset_key"]
    )
    return viewer.sees_all or is_own or row["dataset_is_shared"]


def viewer_of_datasets(call: Call) -> DatasetViewer | None:
    """Return who asks; None: the caller may read no datasets."""
    assert call.principal is not None
    return viewer_of(call.principal) if "datasets:read" in call.principal.permissions else None


def filter_of(call: Call) -> AnomalyFilter:
    """Return the filter of the query and the caller."""
    query: AnomalyParameters = call.query
    devices = call.rows.devices
    return AnomalyFilter(
        devices=None if devices is None else sorted(devices),
        status=(query.status.value,) if query.status else (),
        severity=(query.severity.value,) if query.severity else (),
        device=query.device,
        site=query.site,
        metric=query.metric,
        search=query.search,
        algorithm=query.algorithm,
        is_admitted=query.admitted,
        is_open=query.open,
        since=query.since,
        until=query.until,
        has_members=bool(query.members),
        source=query.source or "",
        analysis=query.analysis,
        viewer=viewer_of_datasets(call),
    )


def cursor_of(row: Row) -> str:
    """Return the place of a row as text."""
    text = json.dumps([row["detected_at"].isoformat(), row["id"].hex], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> AnomalyCursor:
    """Return the place of a cursor.

    Raises:
        CursorMismatch: It belongs to another list.
    """
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = AnomalyCursor(detected_at=datetime.fromisoformat(at).astimezone(UTC), id=UUID(key))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CursorMismatch("the cursor does not belong to this list; begin without it") from error
    return place


def _proposal(row: Row) -> ProposalView:
    """Return a rule that would hold back what people called false."""
    device_type, metric = row["device_type"], row["metric"]
    rule = {
        "name": f"quiet {metric} of {device_type}"[:100],
        "description": f"{row['judged']} anomalies of {row['devices']} devices were judged false.",
        "scope": {"device_type": [device_type]},
        "metric": metric,
        "hold_back": True,
    }
    return ProposalView(
        **{name: row[name] for name in ("device_type", "metric", "judged", "devices")}, rule=rule
    )


def _csv(rows: Sequence[Row]) -> bytes:
    fields = (view_of(row).model_dump(mode="json") for row in rows)
    return _csv_of([[cell_of(each[name]) for name in COLUMNS] for each in fields])


def _lines(rows: Sequence[Row]) -> bytes:
    return b"".join(view_of(row).model_dump_json().encode() + b"\n" for row in rows)


def _csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
