"""`docs/metrics.md` describes every metric, and no other, in the words of the metric itself."""

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from opsconductor import metrics

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def rows() -> set[str]:
    """Write the row of every metric as the document should have it."""
    found = set()
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            suffix = "_total" if metric._type == "counter" else ""
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            text = metric._documentation
            found.add(f"| `{metric._name}{suffix}` | {metric._type} | {labels} | {text} |")
    return found


def test_every_metric_is_documented() -> None:
    """Every metric has its row in the document, and a removed metric has none."""
    written = set(re.findall(r"^\| `opsconductor_.*$", DOCUMENT.read_text(), re.MULTILINE))
    assert written == rows()
