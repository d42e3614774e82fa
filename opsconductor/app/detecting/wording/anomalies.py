"""Sentences about anomalies, the same on the page, in messages and on the command line."""

from collections.abc import Mapping
from datetime import UTC, datetime

from opsconductor.detect.config import DAY_S
from opsconductor.model.measured.alert_rule import AlertRule, LimitSide
from opsconductor.model.measured.quantity import quantity

LONGEST_TITLE = 200
WORDS: Mapping[str, str] = {"if": "interface", "cpu": "CPU", "ups": "UPS", "poe": "PoE", "rssi": "RSSI"}


def metric_words(metric: str) -> str:
    """Return the name of a metric as words: `Battery temperature`."""
    words = [WORDS.get(word, word) for word in metric.replace("_", " ").split()] or ["value"]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def time_words(at_s: float) -> str:
    """Return a time as people read it, in UTC."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def rule_title(rule: AlertRule, metric: str, value: float, limit: float, unit: str) -> str:
    """Return the title of a violation: `Battery temperature 52 °C, limit 50 °C`."""
    what = metric_words(metric) if metric else rule.name
    return f"{what} {quantity(value, unit)}, limit {quantity(limit, unit)}"[:LONGEST_TITLE]


def rule_sentences(rule: AlertRule, value: float, limit: float, unit: str) -> list[str]:
    """Return why a rule has found a violation, and when that ends."""
    side = "at or above" if rule.direction is LimitSide.ABOVE else "at or below"
    row = f" {rule.samples} times in a row" if rule.samples > 1 else ""
    behind = limit - rule.hysteresis if rule.direction is LimitSide.ABOVE else limit + rule.hysteresis
    back = "below" if rule.direction is LimitSide.ABOVE else "above"
    reached = f"The value {quantity(value, unit)} is {side} the limit {quantity(limit, unit)}{row}"
    sentences = [
        f"{reached}, as the rule '{rule.name}' says.",
        f"It ends when the value is back {back} {quantity(behind, unit)}{row}.",
    ]
    if rule.baseline is not None:
        days = rule.baseline.young_s / DAY_S
        sentences.insert(
            0,
            f"For this type of machine {quantity(rule.baseline.expected, unit)} is expected, with a "
            f"variation of {quantity(rule.baseline.variation, unit)}; a series is judged by that for its "
            f"first {days:.3g} days.",
        )
    if rule.expression:
        sentences.insert(1, f"The value is that of the expression {rule.expression}.")
    return sentences
