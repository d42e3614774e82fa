"""Splitting of posts with very many alerts, so that they do not block others, and a limit on their number."""

from collections.abc import Callable, Mapping, Sequence

PART = 500
"""Alerts in one event: about 10 ms of work."""
ALERTS, LEFT_OUT = "alerts", "opsconductor_left_out"

Items = Callable[[object], Sequence[object]]


def parts_of(document: object, at_most: int) -> Sequence[object] | None:
    """Split a document into documents of the same kind.

    Args:
        document: A list of alerts, or an object with the list `alerts`.
        at_most: Limit of accepted alerts; the last part then contains the number of omitted ones.

    Returns:
        None: it has few alerts, or is of another kind.
    """
    alerts = document.get(ALERTS) if isinstance(document, Mapping) else document
    if not isinstance(alerts, list) or len(alerts) <= min(PART, at_most):
        return None
    parts = [alerts[start : start + PART] for start in range(0, min(len(alerts), at_most), PART)]
    parts[-1] = parts[-1][: at_most - PART * (len(parts) - 1)]
    if len(alerts) > at_most:
        parts[-1] = [*parts[-1], {LEFT_OUT: len(alerts) - at_most}]
    if not isinstance(document, Mapping):
        return parts
    rest = {name: value for name, value in document.items() if name != "truncatedAlerts"}
    return [{**(rest if number else document), ALERTS: part} for number, part in enumerate(parts)]


def amount_left_out(item: object) -> int:
    """Return the number of alerts that `parts_of` omitted; 0: the item is an alert."""
    amount = item.get(LEFT_OUT) if isinstance(item, Mapping) and len(item) == 1 else 0
    return amount if isinstance(amount, int) else 0
