"""What the tests of a whole device have found, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsconductor.app.detecting.wording.anomalies import LONGEST_TITLE, metric_words
from opsconductor.app.detecting.wording.findings import ending_of, listed, once_in
from opsconductor.detect.explain import Explanation
from opsconductor.model.measured.anomaly import AnomalyPlace
from opsconductor.model.measured.quantity import quantity

NAMED = 3
"""Metrics in a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadingMetric:
    """A series that contributes to a finding of its device.

    Attributes:
        deviation: From what was expected, in usual deviations; with sign.
    """

    place: AnomalyPlace
    deviation: float

    def document(self) -> dict[str, object]:
        """Return it JSON-ready."""
        place = self.place
        return {
            "series": place.series_id,
            "metric": place.metric,
            "resource": place.resource,
            "deviation": self.deviation,
        }


def device_title(facts: Explanation, metrics: Sequence[LeadingMetric], devices: int) -> str:
    """Return a title: `Metrics no longer go together: load, battery temperature`."""
    names = list(dict.fromkeys(metric_words(each.place.metric) for each in metrics))[:NAMED]
    named = ", ".join([*names[:1], *map(_inside, names[1:])])
    if facts.channel == "share":
        title = f"{facts.agreeing} of {facts.of_metrics} series out of the ordinary"
    elif facts.channel == "spe":
        title = "Metrics no longer go together"
    else:
        title = "Metrics unusual together"
    where = f" on {devices} devices" if devices > 1 else ""
    return (f"{title}{where}: {named}" if named else f"{title}{where}")[:LONGEST_TITLE]


def _inside(words: str) -> str:
    """Return words as they are written inside a sentence; `CPU load` stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def device_sentences(
    facts: Explanation, metrics: Sequence[LeadingMetric], others: Sequence[AnomalyPlace], admission: str
) -> list[str]:
    """Return what was seen, which metrics it is about, how rare that is, and why it is reported."""
    statistic, usual = quantity(facts.value), quantity(facts.expected)
    seen = {
        "share": f"{facts.agreeing} of the {facts.of_metrics} series of the device are out of the ordinary "
        "at the same time.",
        "spe": f"The {facts.of_metrics} series of the device no longer vary together as they usually do.",
        "t2": f"The {facts.of_metrics} series of the device are far from what is expected, in the way in "
        "which they usually vary together.",
    }[facts.channel]
    sentences = [seen]
    if metrics:
        sentences.append(f"Those that contribute most: {'; '.join(map(_deviating, metrics))}.")
    sentences.append(f"The measure of it is {statistic}; in one of four six-hour spans it exceeds {usual}.")
    known = f"it is known for {facts.seen_days:.0f} days"
    sentences.append(f"That is usual for this device {once_in(facts.once_in_days)}; {known}.")
    if others:
        sentences.append(f"Together with it: {listed(others)}.")
    return sentences + ending_of(facts, admission)


def _deviating(metric: LeadingMetric) -> str:
    place, side = metric.place, "above" if metric.deviation >= 0 else "below"
    name = " ".join(filter(None, (place.metric, place.resource)))
    return f"{name}, {abs(metric.deviation):.1f} times its usual distance {side} what is expected"
