"""OpenTelemetry metrics (OTLP): measured values of an export request; pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import DecodeError as ProtobufError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from opsconductor.errors import DecodeError
from opsconductor.model.measured.measurement import Measurement, SeriesKind
from opsconductor.series.formats.labelled import owner_of, place_of, time_of

CUMULATIVE: Final = 2
"""AGGREGATION_TEMPORALITY_CUMULATIVE; of others no counter can be made."""
NS_PER_MS: Final = 1_000_000
LEFT_OUT: Final = ("telemetry.sdk.", "process.", "os.", "service.version")
"""Beginnings of attributes that say nothing about what is measured."""
DEEPEST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMetrics:
    """Values of a request.

    Attributes:
        unsupported: Points of kinds that cannot be stored: delta sums, exponential histograms, summaries.
    """

    measurements: list[Measurement]
    unsupported: int


def read_request(body: bytes, *, is_json: bool) -> ReadMetrics:
    """Return the values of an export request.

    Raises:
        DecodeError: `not_otlp`.
    """
    request = ExportMetricsServiceRequest()
    try:
        if is_json:
            Parse(body, request, ignore_unknown_fields=True, max_recursion_depth=DEEPEST)
        else:
            request.ParseFromString(body)
    except (ProtobufError, ParseError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("not_otlp", "no ExportMetricsServiceRequest") from error
    measurements: list[Measurement] = []
    unsupported = 0
    for resource in request.resource_metrics:
        shared = _attributes(resource.resource.attributes)
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found, left = _points(metric, shared)
                measurements += found
                unsupported += left
    return ReadMetrics(measurements=measurements, unsupported=unsupported)


def response_of(refused: int, why: str) -> bytes:
    """Return the answer: empty, or how many points were refused."""
    if not refused:
        return b""
    partial = ExportMetricsPartialSuccess(rejected_data_points=refused, error_message=why)
    return bytes(ExportMetricsServiceResponse(partial_success=partial).SerializeToString())


def _points(metric: Any, shared: Mapping[str, str]) -> tuple[list[Measurement], int]:
    kind = metric.WhichOneof("data")
    if kind == "gauge":
        return list(_numbers(metric, metric.gauge.data_points, shared, SeriesKind.GAUGE)), 0
    if kind == "sum":
        if metric.sum.aggregation_temporality == CUMULATIVE:
            is_counter = metric.sum.is_monotonic
            counted = SeriesKind.COUNTER if is_counter else SeriesKind.GAUGE
            return list(_numbers(metric, metric.sum.data_points, shared, counted)), 0
        return [], len(metric.sum.data_points)
    if kind == "histogram":
        if metric.histogram.aggregation_temporality == CUMULATIVE:
            return list(_histograms(metric, shared)), 0
        return [], len(metric.histogram.data_points)
    return [], len(getattr(metric, kind).data_points) if kind else 0


def _numbers(
    metric: Any, points: Iterable[Any], shared: Mapping[str, str], kind: SeriesKind
) -> Iterator[Measurement]:
    for point in points:
        value = point.as_double if point.WhichOneof("value") == "as_double" else float(point.as_int)
        yield _measurement(metric.name, value, point, shared, unit=metric.unit, kind=kind)


def _histograms(metric: Any, shared: Mapping[str, str]) -> Iterator[Measurement]:
    """Yield number and sum of the values, as counters; the distribution is not stored."""
    for point in metric.histogram.data_points:
        for name, value, unit in (("count", float(point.count), ""), ("sum", point.sum, metric.unit)):
            yield _measurement(
                f"{metric.name}_{name}", value, point, shared, unit=unit, kind=SeriesKind.COUNTER
            )


def _measurement(
    name: str, value: float, point: Any, shared: Mapping[str, str], *, unit: str, kind: SeriesKind
) -> Measurement:
    device, resource = place_of({**shared, **_attributes(point.attributes)})
    at = time_of(point.time_unix_nano // NS_PER_MS)
    return Measurement(name, value, at, *owner_of(device), resource=resource, unit=unit, kind=kind)


def _attributes(pairs: Iterable[Any]) -> dict[str, str]:
    """Return attributes as texts; lists and maps are left out."""
    found = {}
    for pair in pairs:
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "double_value", "bool_value") and not pair.key.startswith(
            LEFT_OUT
        ):
            found[pair.key] = str(getattr(pair.value, kind))
    return found
