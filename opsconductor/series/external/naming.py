"""Names of series in the external store; pure.

The metric is `opsconductor_` and ours, counters with `_per_second`, as their rates are what is written.
Names there consist of letters, digits, `_` and `:` (https://prometheus.io/docs/concepts/data_model/).
"""

import re
from typing import Final

from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.points import SeriesDescription

PREFIX: Final = "opsconductor_"
"""Also of series that are never written: they came from the external store, or are the daemon's own."""
OTHER = re.compile(r"[^a-zA-Z0-9_]")


def labels_of(series: SeriesDescription) -> list[tuple[str, str]]:
    """Return the labels that identify a series; an empty resource has none, as an empty label is no label."""
    name = OTHER.sub("_", series.metric)
    ending = "_per_second" if series.kind is SeriesKind.COUNTER else ""
    labels = [("__name__", f"{PREFIX}{name}{ending}"), ("device", series.device)]
    if series.resource:
        labels.append(("resource", series.resource))
    if name != series.metric:
        labels.append(("metric", series.metric))
    return labels


def selector_of(series: SeriesDescription) -> str:
    """Return the PromQL selector that finds exactly the series with these labels."""
    labels = {"resource": "", "metric": "", **dict(labels_of(series))}
    return "{" + ", ".join(f"{name}={_quoted(value)}" for name, value in labels.items()) + "}"


def is_written(series: SeriesDescription) -> bool:
    """Return True if a series is written to the external store; others would return with a longer name."""
    return not series.metric.startswith(PREFIX)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
