"""Metrics of requests, by declared route and status."""

from functools import cache

from prometheus_client import Counter, Histogram

from opsconductor import metrics


def note_request(route: str, status: int, took_s: float) -> None:
    """Count a request and its duration."""
    _requests(route, status).inc()
    _seconds(route).observe(took_s)


@cache
def _requests(route: str, status: int) -> Counter:
    """Return the counter of these labels, which prometheus_client takes longer to find than to increment."""
    return metrics.api_requests.labels(route, str(status))


@cache
def _seconds(route: str) -> Histogram:
    """Return the histogram of a route."""
    return metrics.api_seconds.labels(route)
