"""Endpoints that list series and return their points."""

import base64
import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.devices.parameters import Cursor
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Number, Parameters, Step, Text, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.series.external import external_points
from opsconductor.api.views import View
from opsconductor.errors import CursorMismatch, Unanswered
from opsconductor.model.measured.measurement import SeriesKey, SeriesKind
from opsconductor.series.aggregates import Aggregate
from opsconductor.series.points import SeriesDescription
from opsconductor.series.query import WantedPoints
from opsconductor.series.registry import described
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.series.chunks import millis_of, time_of
from opsconductor.store.series.rows import FIRST_KEY, WantedSeries, list_series

PER_PAGE, MOST_PER_PAGE = 50, 500
MOST_POINTS = 50_000
"""Points in one answer; a longer range needs a step."""
DAY = timedelta(days=1)


class SeriesListParameters(Parameters):
    """Filter and page of a list of series, in order of device, metric and resource."""

    device: Text = Field("", description="Part of the key (address, else name) or of the name of the device.")
    metric: Text = Field("", description="Part of the metric.")
    resource: Text = Field("", description="Part of the resource.")
    per_page: Number = Field(PER_PAGE, ge=1, le=MOST_PER_PAGE)
    cursor: Cursor = ""


class PointsParameters(Parameters):
    """Range, step and form of points."""

    start: Time | None = Field(None, description="Default: a day before the end.")
    end: Time | None = Field(None, description="Default: now.")
    step: Step | None = Field(None, description="Seconds; points are joined to slots of this length.")
    aggregate: Aggregate = Field(Aggregate.MEAN, description="What a slot shows.")
    counts: Literal["true", "false"] = Field(
        "false", description="`true`: counters as counted, not as rates per second."
    )
    source: Literal["own", "external"] = Field(
        "own", description="`external`: from the store in `series.external.read_url`, always in slots."
    )
    format: Literal["json", "csv"] = "json"


class SeriesView(View):
    """A series."""

    id: int
    device: str = Field(description="Key of the device: its main address, else its name.")
    device_name: str | None
    metric: str
    resource: str
    unit: str
    kind: SeriesKind
    source: str = Field(description="Connector, or `api:NAME` of a key.")
    created_at: AwareDatetime
    last_at: AwareDatetime | None = Field(description="Time of the newest point, as far as it is known.")


class PointsView(View):
    """Points of a series."""

    series: SeriesView
    unit: str = Field(description="Of the values; of rates of counters per second.")
    points: list[tuple[AwareDatetime, float]] = Field(
        description="Time (of a slot: its beginning) and value."
    )


async def list_all(call: Call) -> web.Response:
    """Respond with one page of series."""
    given: SeriesListParameters = call.query
    store = store_of(call)
    wanted = WantedSeries(
        devices=call.rows.devices,
        device=given.device,
        metric=given.metric,
        resource=given.resource,
        after=_read(given.cursor),
        limit=given.per_page + 1,
    )
    found = [described(row) for row in await call.parts.database.ask(list_series, wanted)]
    page = found[: given.per_page]
    cursor = _written(page[-1].key) if len(found) > len(page) else None
    shown = [view_of(each, store) for each in page]
    meta: dict[str, object] = {"per_page": given.per_page, "next_cursor": cursor}
    if call.rows.devices is None:  # how many others have is nothing for limited callers
        meta["all"] = len(store.registry)
    return answer(shown, meta=meta)


async def get_one(call: Call) -> web.Response:
    """Respond with a series."""
    return answer(view_of(series_of(call), store_of(call)))


async def get_points(call: Call) -> web.Response:
    """Respond with points of a series.

    Raises:
        web.HTTPUnprocessableEntity: There are too many; the message names a step.
    """
    series, given = series_of(call), call.query
    wanted = wanted_points(given, datetime.now(UTC))
    store = store_of(call)
    if given.source == "external":
        points = await external_points(store, series, wanted)
    else:
        points = (await store.points([series.id], wanted))[series.id]
    if len(points.times) > MOST_POINTS:
        step = -(-(wanted.end - wanted.start) // MOST_POINTS // 1000)
        message = f"{len(points.times)} points, at most {MOST_POINTS}: choose a step of {step} s or more"
        raise refusal(web.HTTPUnprocessableEntity, "too_many_points", message)
    rows = list(zip(points.times.tolist(), points.values.tolist(), strict=True))
    if given.format == "csv":
        return _as_csv(series, rows)
    is_rate = series.kind is SeriesKind.COUNTER and not wanted.counts
    shown: dict[str, Any] = {
        "series": view_of(series, store),
        "unit": f"{series.unit or '1'}/s" if is_rate else series.unit,
        "points": [(time_of(at), value) for at, value in rows],
    }
    return answer(PointsView.model_validate(shown))


async def delete_one(call: Call) -> web.Response:
    """Delete a series with all its points."""
    series = series_of(call)
    await store_of(call).delete([series.id])
    subject = " ".join(filter(None, series.key))[:255]
    await call.record("series.delete", subject, {"series": series.id})
    return answer(None)


def store_of(call: Call) -> SeriesStore:
    """Return the series of the daemon."""
    if call.parts.series is None:
        raise Unanswered("this daemon has no series")
    return call.parts.series


def series_of(call: Call) -> SeriesDescription:
    """Return the series in the path.

    Raises:
        web.HTTPNotFound: There is none, or the caller may not see its device.
    """
    text = call.request.match_info["name"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0  # noqa: PLR2004 - 32 bits
    found = store_of(call).registry.describe(number)
    devices = call.rows.devices
    if found is None or (devices is not None and found.device not in devices):
        raise refusal(web.HTTPNotFound, "not_found", f"there is no series {text[:20]!r}")
    return found


def view_of(series: SeriesDescription, store: SeriesStore) -> SeriesView:
    """Return a series as lists show it."""
    last = store.last_at(series.id)
    return SeriesView(
        id=series.id,
        device=series.device,
        device_name=series.device_name,
        metric=series.metric,
        resource=series.resource,
        unit=series.unit,
        kind=series.kind,
        source=series.source,
        created_at=series.created_at,
        last_at=time_of(last) if last else series.last_at,
    )


def wanted_points(given: PointsParameters, now: datetime) -> WantedPoints:
    """Return which points are wanted; the start is moved back to the beginning of its slot.

    Raises:
        web.HTTPUnprocessableEntity: The end is not after the start.
    """
    end = given.end or now
    try:
        start = millis_of(given.start or end - DAY)
    except OverflowError:
        start = 0
    step = given.step * 1000 if given.step is not None else None
    if start >= millis_of(end):
        raise refusal(web.HTTPUnprocessableEntity, "invalid", "the end must be after the start")
    if step is not None:
        start = start // step * step
    is_raw = given.counts == "true"
    return WantedPoints(
        start=max(start, 0), end=millis_of(end), step=step, aggregate=given.aggregate, counts=is_raw
    )


def _as_csv(series: SeriesDescription, rows: Sequence[tuple[int, float]]) -> web.Response:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["at", "value"])
    writer.writerows((time_of(at).isoformat().replace("+00:00", "Z"), repr(value)) for at, value in rows)
    name = f"series-{series.id}.csv"
    return web.Response(
        body=text.getvalue().encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _written(key: SeriesKey) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read(cursor: str) -> SeriesKey:
    if not cursor:
        return FIRST_KEY
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        device, metric, resource = key
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorMismatch("the cursor does not belong to this list; begin without it") from error
    parts = (device, metric, resource)
    if not all(isinstance(part, str) and "\0" not in part and part.isprintable() for part in parts):
        raise CursorMismatch("the cursor does not belong to this list; begin without it")
    return SeriesKey(*parts)
