"""Points of series from the external store."""

from aiohttp import web

from opsconductor.api.http.responses import refusal
from opsconductor.errors import Rejected, Unreachable
from opsconductor.series.external.reading import MOST_SLOTS, step_of
from opsconductor.series.points import Points, SeriesDescription
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore


async def external_points(store: SeriesStore, series: SeriesDescription, wanted: WantedPoints) -> Points:
    """Return the points of a series as the external store has them.

    Raises:
        web.HTTPUnprocessableEntity: It cannot answer this: none is configured, counts, too many slots.
        web.HTTPBadGateway: It does not answer, or refuses.
    """
    if store.external is None or not store.external.is_readable:
        message = "no external store is read: set series.external.read_url, or leave out source"
        raise refusal(web.HTTPUnprocessableEntity, "invalid", message)
    if wanted.counts:
        message = "the external store has rates of counters, no counts: leave out counts or source"
        raise refusal(web.HTTPUnprocessableEntity, "invalid", message)
    slots = (wanted.end - wanted.start) // step_of(wanted)
    if slots >= MOST_SLOTS:
        step = -(-(wanted.end - wanted.start) // (MOST_SLOTS - 1) // 1000)
        message = (
            f"{slots} slots, the external store returns less than {MOST_SLOTS}: choose a step of {step} s"
        )
        raise refusal(web.HTTPUnprocessableEntity, "too_many_points", message)
    try:
        return await store.external.points(series, wanted)
    except (Unreachable, Rejected) as error:
        message = f"the external store: {error}"
        raise refusal(web.HTTPBadGateway, "external_store", message) from error
