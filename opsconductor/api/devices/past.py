"""The state of a device at a time in the past: its alerts then, and the values measured last before."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.devices.looking import find_device
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Parameters, Time
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.model.enums import SEVERITY_RANK, Severity, Status
from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.aggregates import DAY_MS, HOUR_MS
from opsconductor.series.points import SeriesDescription
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.reports.states import read_state
from opsconductor.store.series.chunks import millis_of, time_of

LOOKS_BACK_MS = (HOUR_MS, DAY_MS)
"""A value is looked for within the hour before the time, then within the day."""
MOST_VALUES = 500


class PastParameters(Parameters):
    """Which time."""

    at: Time | None = Field(None, description="A time that is over. Default: now.")


class PastAlertView(View):
    """An alert that was open at that time."""

    id: UUID
    alert_type: str
    resource: str
    title: str
    severity: Severity = Field(description="At that time.")
    status: Status = Field(description="At that time.")
    occurred_at: AwareDatetime


class PastValueView(View):
    """The last value of a series before that time."""

    series: int
    metric: str
    resource: str
    unit: str
    at: AwareDatetime
    value: float = Field(description="As measured, counters as rates; where only those are kept, a mean.")


class PastStateView(View):
    """The state of a device at a time."""

    key: str
    name: str
    at: AwareDatetime
    source: Literal["history", "snapshot", "none"] = Field(
        description="`history`: the alerts exactly; `snapshot`: as they were stored at `known_at`, up to an "
        "hour before a change; `none`: no data is stored for that time."
    )
    known_at: AwareDatetime | None
    alerts: list[PastAlertView] = Field(description="The worst first.")
    values: list[PastValueView] = Field(description="Measured within the day before.")


async def get_past_state(call: Call) -> web.Response:
    """Respond with the state of a device at a time.

    Raises:
        web.HTTPUnprocessableEntity: The time is in the future.
    """
    found, at = await find_device(call), call.query.at or datetime.now(UTC)
    if at > datetime.now(UTC):
        raise refusal(web.HTTPUnprocessableEntity, "invalid", "at: the time must not be in the future")
    state = await call.parts.database.ask(read_state, [found.key], at, call.parts.reports.history_since())
    alerts = [PastAlertView.model_validate(dict(each)) for each in state.alerts]
    values, left_out = await _values(call.parts.series, found.key, at)
    view = PastStateView(
        key=found.key,
        name=found.device.name if found.device is not None else found.key,
        at=at,
        source=state.source,
        known_at=state.known_at,
        alerts=sorted(alerts, key=lambda each: -SEVERITY_RANK[each.severity]),
        values=values,
    )
    return answer(view, meta={"values_left_out": left_out})


async def _values(store: SeriesStore | None, key: str, at: datetime) -> tuple[Sequence[PastValueView], int]:
    """Return the last values of a device up to a time, and how many series were left out."""
    if store is None:
        return [], 0
    every = await asyncio.to_thread(lambda: [each for each in store.registry.all() if each.device == key])
    every.sort(key=lambda each: (each.metric, each.resource))
    chosen = {each.id: each for each in every[:MOST_VALUES]}
    last: dict[int, tuple[int, float]] = {}
    for length in LOOKS_BACK_MS:
        wanted = [each for each in chosen if each not in last]
        last |= await _last_points(store, wanted, millis_of(at), length)
    shown = [_view(each, *last[each.id]) for each in chosen.values() if each.id in last]
    return shown, len(every) - len(chosen)


async def _last_points(
    store: SeriesStore, series: Sequence[int], at: int, length: int
) -> Mapping[int, tuple[int, float]]:
    """Return time (ms) and value of the last point of each series within a length (ms) up to a time (ms)."""
    if not series:
        return {}
    found = await store.points(series, WantedPoints(start=max(at - length, 0), end=at + 1))
    return {
        each: (int(points.times[-1]), float(points.values[-1]))
        for each, points in found.items()
        if len(points.times)
    }


def _view(series: SeriesDescription, at: int, value: float) -> PastValueView:
    is_rate = series.kind is SeriesKind.COUNTER
    return PastValueView(
        series=series.id,
        metric=series.metric,
        resource=series.resource,
        unit=f"{series.unit or '1'}/s" if is_rate else series.unit,
        at=time_of(at),
        value=value,
    )
