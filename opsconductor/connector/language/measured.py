"""Expressions over the measured values of one device: `rate(if_in_errors) / rate(if_in_packets) * 100`."""

from functools import partial

from opsconductor.connector.language.expression import Expression, Known

RATE, PREVIOUS = "rate", "previous"


def measured_expression(text: str) -> Expression:
    """Compile an expression whose names are metrics, all of one device and resource.

    `rate(metric)` is the change per second between the last two values, `previous(metric)` the value before
    the last. Counters are rates already.

    Raises:
        ValueError: With the reason.
    """
    expression = Expression(text, {name: partial(_looked_up, name) for name in (RATE, PREVIOUS)})
    if not expression.names:
        raise ValueError("an expression that names a metric, such as battery_voltage / nominal_voltage")
    return expression


def _looked_up(function: str, known: Known, metric: str) -> object:
    return known.get(f"{function} {metric}")
