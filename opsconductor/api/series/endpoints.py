"""Endpoints of series and of measured values."""

from opsconductor.api.handlers.reported import JSON
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.series.bodies import PostedPoint
from opsconductor.api.series.posting import (
    POST_BYTES,
    PROTOBUF,
    TakenView,
    post_otlp,
    post_points,
    post_remote_write,
)
from opsconductor.api.series.reading import (
    PointsParameters,
    PointsView,
    SeriesListParameters,
    SeriesView,
    delete_one,
    get_one,
    get_points,
    list_all,
)
from opsconductor.store.access.permissions import Rows

SERIES = "/api/v1/series"
METRICS = "/api/v1/metrics"

SERIES_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=SERIES,
        handler=list_all,
        summary="List series of measured values",
        permission="alerts:read",
        rows=Rows.OWN,
        query=SeriesListParameters,
        answers=list[SeriesView],
        refuses=(409,),
        tag="series",
    ),
    Endpoint(
        method="GET",
        path=f"{SERIES}/{{name}}",
        handler=get_one,
        summary="Read one series, by its number",
        permission="alerts:read",
        rows=Rows.OWN,
        answers=SeriesView,
        tag="series",
    ),
    Endpoint(
        method="GET",
        path=f"{SERIES}/{{name}}/points",
        handler=get_points,
        summary="Read points of a series, as they are or joined to slots of time",
        permission="alerts:read",
        rows=Rows.OWN,
        query=PointsParameters,
        answers=PointsView,
        other_media=("text/csv",),
        refuses=(422, 502),
        tag="series",
    ),
    Endpoint(
        method="DELETE",
        path=f"{SERIES}/{{name}}",
        handler=delete_one,
        summary="Delete a series with all its points",
        permission="config:write",
        records="",
        tag="series",
    ),
    Endpoint(
        method="POST",
        path=METRICS,
        handler=post_points,
        summary="Send measured values as JSON, JSON lines or CSV; answered once they are durable",
        permission="metrics:write",
        accepts={JSON: list[PostedPoint] | PostedPoint},
        body_bytes=POST_BYTES,
        answers=TakenView,
        tag="series",
    ),
    Endpoint(
        method="POST",
        path=f"{METRICS}/prometheus",
        handler=post_remote_write,
        summary="Prometheus remote write 1.0 (protobuf, snappy); answered 204 once the samples are durable",
        permission="metrics:write",
        accepts={PROTOBUF: bytes},
        body_bytes=POST_BYTES,
        tag="series",
    ),
    Endpoint(
        method="POST",
        path=f"{METRICS}/otlp",
        handler=post_otlp,
        summary="OpenTelemetry metrics (OTLP over HTTP, protobuf or JSON)",
        permission="metrics:write",
        accepts={PROTOBUF: bytes},
        body_bytes=POST_BYTES,
        media=PROTOBUF,
        other_media=(JSON,),
        tag="series",
    ),
)
