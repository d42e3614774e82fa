"""Exports of alerts as CSV or JSON lines, streamed: as many as there are, a page in memory at a time."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from aiohttp import web

from opsconductor.api.alert_pages import Wanted, ask_stored, filter_of
from opsconductor.api.handlers.alerts import views_of
from opsconductor.api.http.alert_parameters import ExportParameters
from opsconductor.api.http.compression import begin_file
from opsconductor.api.http.endpoint import Call
from opsconductor.api.open_alerts import find_live
from opsconductor.api.sorted_runs import page_of_runs
from opsconductor.api.views import AlertView
from opsconductor.model.alert import Alert
from opsconductor.model.spreadsheet import cell_of
from opsconductor.store.alerts import listing as store
from opsconductor.store.alerts.filter import NEWEST_FIRST
from opsconductor.store.alerts.order import ListPlace, whole_order

AT_ONCE = 1_000
"""Number of alerts read at a time."""
WRITTEN_AT_ONCE = 50
"""Number of alerts written at a time."""
MEDIA = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
COLUMNS = tuple(AlertView.model_fields)

Write = Callable[[Sequence[AlertView]], bytes]


async def export(call: Call) -> web.StreamResponse:
    """Respond with all matching alerts: open ones, then closed ones, each the newest first."""
    given: ExportParameters = call.query
    order = whole_order(NEWEST_FIRST)
    wanted = Wanted(filter=await filter_of(call, given), order=order, limit=AT_ONCE)
    parts = _parts(call, wanted)
    # before the answer begins, so that a database that is away is answered 503
    part = await anext(parts, None)
    response, compress = await begin_file(
        call.request, name=f"alerts.{given.format}", media=MEDIA[given.format]
    )
    write = as_csv if given.format == "csv" else as_lines
    if given.format == "csv":
        await response.write(compress(_csv_of([COLUMNS])))
    while part is not None:
        await _write(call, response, lambda alerts: compress(write(alerts)), part)
        part = await anext(parts, None)
    await response.write_eof(compress(None))
    return response


async def _write(call: Call, response: web.StreamResponse, write: Write, alerts: Sequence[Alert]) -> None:
    """Write alerts, few at a time and in a thread, so that others are answered in between."""
    for begin in range(0, len(alerts), WRITTEN_AT_ONCE):
        shown = await views_of(call, alerts[begin : begin + WRITTEN_AT_ONCE])
        if shown:
            await response.write(await asyncio.to_thread(write, shown))


async def _parts(call: Call, wanted: Wanted) -> AsyncIterator[Sequence[Alert]]:
    """Yield the alerts in parts; the first one after PostgreSQL has answered, if it is asked."""
    opening = call.parts.pipeline.in_flight.opening()
    part = await find_live(call, wanted.filter, wanted.order)
    live = await asyncio.to_thread(page_of_runs, part.runs, 0, part.total)
    seen = part.ids | {each.int for each in opening}
    places = await _next(call, wanted, None) if wanted.filter.closed_statuses else ()
    for begin in range(0, len(live), AT_ONCE):
        yield live[begin : begin + AT_ONCE]
    while places:
        rows = await ask_stored(call, store.load_closed, [place.id for place in places])
        yield [rows[place.id] for place in places if place.id in rows and place.id.int not in seen]
        places = await _next(call, wanted, places[-1]) if len(places) == AT_ONCE else ()


async def _next(call: Call, wanted: Wanted, after: ListPlace | None) -> Sequence[ListPlace]:
    found: Sequence[ListPlace] = await ask_stored(
        call, store.next_closed, wanted.filter, limit=AT_ONCE, after=after
    )
    return found


def as_csv(alerts: Sequence[AlertView]) -> bytes:
    """Return alerts as rows of CSV."""
    return _csv_of([[cell_of(fields[name]) for name in COLUMNS] for fields in map(_fields_of, alerts)])


def as_lines(alerts: Sequence[AlertView]) -> bytes:
    """Return alerts as JSON lines."""
    return b"".join(alert.model_dump_json().encode() + b"\n" for alert in alerts)


def _fields_of(alert: AlertView) -> Mapping[str, object]:
    return alert.model_dump(mode="json")


def _csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
