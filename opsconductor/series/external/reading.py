"""Reads points from the external store with `query_range`.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from opsconductor.connector.outgoing.web import WebAnswer, WebClient
from opsconductor.errors import Unreachable
from opsconductor.series.aggregates import Aggregate
from opsconductor.series.external.naming import selector_of
from opsconductor.series.points import Points, SeriesDescription, empty_points, in_order
from opsconductor.series.query import WantedPoints

MOST_SLOTS: Final = 11_000
"""In one answer of Prometheus."""
LONGEST_ANSWER: Final = 4 * 1024 * 1024
DEFAULT_STEP_MS: Final = 60_000
FUNCTIONS: Final[Mapping[Aggregate, str]] = {
    Aggregate.MEAN: "avg_over_time",
    Aggregate.MIN: "min_over_time",
    Aggregate.MAX: "max_over_time",
    Aggregate.LAST: "last_over_time",
    Aggregate.SUM: "sum_over_time",
    Aggregate.COUNT: "count_over_time",
}


async def read_points(client: WebClient, url: str, series: SeriesDescription, wanted: WantedPoints) -> Points:
    """Return one point for each slot of time in which there are values; its time is the slot's beginning.

    Args:
        url: Address of `query_range`.

    Raises:
        Unreachable: The store does not answer, or not as expected.
        Rejected: It refuses the request.
    """
    step = step_of(wanted)
    body = urlencode(query_of(series, wanted, step)).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
    answer = await client.send("POST", url, body, headers=headers, most_bytes=LONGEST_ANSWER)
    rows = [(at - step + 1, value) for at, value in _values(answer.checked())]
    if not rows:
        return empty_points()
    return in_order(
        Points(np.array([at for at, _ in rows], np.int64), np.array([value for _, value in rows]))
    )


def step_of(wanted: WantedPoints) -> int:
    """Return the length (ms) of the slots; without a step at least a minute, more for a long range."""
    if wanted.step is not None:
        return wanted.step
    seconds = -(-(wanted.end - wanted.start) // (MOST_SLOTS - 1) // 1000)
    return max(DEFAULT_STEP_MS, seconds * 1000)


def query_of(series: SeriesDescription, wanted: WantedPoints, step: int) -> Mapping[str, str]:
    """Return the parameters; each slot is evaluated at its last millisecond."""
    first = wanted.start // step * step + step - 1
    last = max(first, (wanted.end - 1) // step * step + step - 1)
    return {
        "query": f"{FUNCTIONS[wanted.aggregate]}({selector_of(series)}[{step}ms])",
        "start": f"{first / 1000:.3f}",
        "end": f"{last / 1000:.3f}",
        "step": f"{step // 1000}",
    }


def _values(answer: WebAnswer) -> Iterator[tuple[int, float]]:
    """Yield time (ms) and value, without those that are no number."""
    document: Mapping[str, Any] = answer.document()
    try:
        for found in document["data"]["result"]:
            for at, text in found["values"]:
                if math.isfinite(value := float(text)):
                    yield round(float(at) * 1000), value
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        place = f"{answer.place} answers no result of query_range, or a very long one"
        raise Unreachable(f"{place}: look at series.external.read_url") from error
