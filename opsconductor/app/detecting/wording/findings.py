"""What the detector has found, in sentences."""

from collections.abc import Sequence

from opsconductor.app.detecting.wording.anomalies import LONGEST_TITLE, metric_words, time_words
from opsconductor.detect.channels import DetectorChannel
from opsconductor.detect.explain import TEXTS, Explanation
from opsconductor.model.measured.anomaly import AnomalyPlace
from opsconductor.model.measured.quantity import quantity

A_YEAR, MANY_YEARS = 365.0, 36_500.0
FEW = 2
TITLES = {
    "missing": "{what} is missing",
    "flatline": "{what} does not change",
    "cusum": "{what} drifts {way}",
    "shift": "{what} has shifted {way}",
    "rate": "{what} jumped {way}",
    "volatility": "{what} is unusually {noise}",
}
USUAL = "{what} unusually {height}"
SEASONS = {
    "hour of the day": "usual at this hour",
    "hour of the week": "usual at this hour of the week",
    "slow level": "its usual level",
}
DAYS_KNOWN = 1.0
NOTHING = 1e-7
"""Share of the highest value below which the lowest is zero: the detector calculates with seven digits."""


def title_of(facts: Explanation, place: AnomalyPlace, others: Sequence[AnomalyPlace]) -> str:
    """Return a title: `Battery temperature drifts up`, `Battery temperature drifts up on 12 devices`."""
    what = metric_words(place.metric)
    devices = {each.device_key for each in others} | {place.device_key}
    metrics = {each.metric for each in others} | {place.metric}
    if len(devices) == 1 and len(metrics) > 1:
        what = f"{what} and {len(others)} more"
    pattern = TITLES.get(facts.channel, USUAL)
    words = {"way": "up", "height": "high", "noise": "restless"}
    if facts.direction != "up":
        words = {"way": "down", "height": "low", "noise": "still"}
    title = pattern.format(what=what, **words)
    if len(devices) > 1:
        title = f"{title} on {len(devices)} devices"
    elif others and len(metrics) == 1:
        title = f"{title} on {len(others) + 1} parts of the device"
    return title[:LONGEST_TITLE]


def sentences_of(
    facts: Explanation, place: AnomalyPlace, others: Sequence[AnomalyPlace], admission: str
) -> list[str]:
    """Return what was seen, what is usual, how rare that is, what agrees, and why it is reported or not."""
    sentences = [
        _seen(facts, place.unit),
        f"Such a deviation is usual for this series {once_in(facts.once_in_days)}.",
    ]
    if facts.low is not None and facts.high is not None and facts.seen_days >= DAYS_KNOWN:
        is_nothing = abs(facts.low) < NOTHING * abs(facts.high)
        low, high = quantity(0.0 if is_nothing else facts.low, place.unit), quantity(facts.high, place.unit)
        sentences.append(f"In {facts.seen_days:.0f} days it was between {low} and {high}.")
    if facts.also:
        sentences.append(
            f"Also unusual: {', '.join(TEXTS[DetectorChannel[each.upper()]] for each in facts.also)}."
        )
    if others:
        sentences.append(f"Together with it: {listed(others)}.")
    elif facts.of_metrics > 1:
        agreeing = f"{facts.agreeing} of {facts.of_metrics} series of the device"
        sentences.append(f"{agreeing} {'is' if facts.agreeing == 1 else 'are'} out of the ordinary.")
    return sentences + ending_of(facts, admission)


def ending_of(facts: Explanation, admission: str) -> list[str]:
    """Return when it was like this before, and why it is reported or not."""
    sentences = []
    if facts.last_similar_at is not None:
        sentences.append(f"The last time it did so was {time_words(facts.last_similar_at)}.")
    if admission:
        sentences.append(f"{admission[0].upper()}{admission[1:]}.")
    return sentences


def _seen(facts: Explanation, unit: str) -> str:
    value = quantity(facts.value, unit)
    if facts.channel == "missing":
        return f"No value came for longer than is usual; the last one was {value}."
    if facts.channel == "flatline":
        return f"The value has been {value} for longer than ever before."
    usual = SEASONS.get(facts.season, "expected")
    expected, band = quantity(facts.expected, unit, 4), quantity(facts.band, unit, 2)
    return (
        f"The value is {value}; {expected} (give or take {band}) is {usual}. What is unusual is {facts.what}."
    )


def once_in(days: float) -> str:
    """Return how often something happens: `once in 12 years`."""
    if days >= MANY_YEARS:
        return "less than once in 100 years"
    if days >= FEW * A_YEAR:
        return f"once in {days / A_YEAR:.0f} years"
    return f"once in {days:.0f} days"


def listed(others: Sequence[AnomalyPlace]) -> str:
    """Return the first five series, and how many more there are."""
    names = [" ".join(filter(None, (each.device_name, each.metric, each.resource))) for each in others[:5]]
    more = len(others) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
