"""Measured values from labels or attributes, as Prometheus and OpenTelemetry name what they measure; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from opsconductor.model.measured.measurement import Measurement, SeriesKind
from opsconductor.series.formats.remote_write import LabelledSamples
from opsconductor.store.series.chunks import EPOCH

NAME: Final = "__name__"
DEVICE_LABELS: Final = ("device", "host.name", "host", "hostname", "instance", "node", "service.instance.id")
"""Labels that name the device; the first one present counts. A port is cut off."""
COUNTERS: Final = ("_total", "_count", "_sum", "_bucket")
"""Endings of counters by the conventions of Prometheus."""
UNITS: Final = {"seconds": "s", "bytes": "By", "celsius": "Cel", "ratio": "1", "volts": "V", "amperes": "A"}
MOST_LABELS: Final = 100
MOST_MS: Final = 253_402_300_799_000
"""The year 9999."""


def measurements_of(series: LabelledSamples) -> Iterable[Measurement]:
    """Yield the samples of a series of Prometheus; those without a usable time or value have NaN.

    The device is named by `device`, `host`, `hostname`, `instance` or `node`; what the other labels say
    becomes the resource, `job=node mode=idle`.
    """
    labels = dict(series.labels[:MOST_LABELS])
    metric = labels.pop(NAME, "")
    kind = SeriesKind.COUNTER if metric.endswith(COUNTERS) else SeriesKind.GAUGE
    device, resource = place_of(labels)
    owner = owner_of(device)
    unit = unit_of(metric)
    for at, value in series.samples:
        yield Measurement(metric, value, time_of(at), *owner, resource=resource, unit=unit, kind=kind)


def owner_of(device: str) -> tuple[str | None, str | None]:
    """Return the address and the name of a device; the one that the text is not, is None."""
    try:
        ip_address(device)
    except ValueError:
        return None, device or None
    return device, None


def place_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return the device that labels name, and the resource that the others make, sorted."""
    owner = next((name for name in DEVICE_LABELS if labels.get(name)), "")
    others = sorted((name, value) for name, value in labels.items() if name != owner and value)
    return host_of(labels.get(owner, "")), " ".join(f"{name}={value}" for name, value in others)


def host_of(text: str) -> str:
    """Return a host name or address without its port."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else text


def unit_of(metric: str) -> str:
    """Return the unit in the suffix of a metric's name; empty: none."""
    base = metric
    for ending in COUNTERS:
        base = base.removesuffix(ending)
    return UNITS.get(base.rpartition("_")[2], "")


def time_of(at: int) -> datetime:
    """Return a time in ms; one out of any range becomes 1970, which is refused as too old."""
    return EPOCH + timedelta(milliseconds=at) if 0 <= at <= MOST_MS else EPOCH
