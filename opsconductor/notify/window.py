"""Texts of a message about a maintenance window."""

from collections.abc import Mapping
from datetime import tzinfo

from opsconductor.model.notifications.maintenance import WindowEvent
from opsconductor.notify.reading import count_in, moment, text_in
from opsconductor.notify.rows import ways_of
from opsconductor.notify.summary import alerts

Facts = Mapping[str, object]


def window_of(facts: Facts) -> Facts:
    """Return the facts of the window; empty: there are none."""
    window = facts.get("window")
    return window if isinstance(window, Mapping) else {}


def label_of_window(facts: Facts) -> str:
    """Return the message in two words: `MAINTENANCE BEGUN`, `MAINTENANCE MOVED`, `MAINTENANCE OVER`."""
    return f"MAINTENANCE {text_in(window_of(facts), 'event').upper()}".strip()


def what_of_window(facts: Facts, zone: tzinfo | None) -> str:
    """Return the message in one line: name and end of the window."""
    window = window_of(facts)
    name, ends = text_in(window, "name") or text_in(facts, "title"), _end_of(window, zone)
    match text_in(window, "event"):
        case WindowEvent.OVER:
            return f"{name} is over"
        case WindowEvent.MOVED:
            return f"{name} now lasts {ends}"
        case _:
            return f"{name} has begun, {ends}"


def rows_of_window(facts: Facts, zone: tzinfo | None) -> list[tuple[str, str]]:
    """Return names and values of what is known of the window."""
    window = window_of(facts)
    is_over = text_in(window, "event") == WindowEvent.OVER
    still_open = count_in(window, "open_alerts")
    rows = [
        *ways_of(facts, zone),
        ("Window", text_in(window, "name")),
        ("Reason", text_in(window, "reason")),
        ("Mutes", text_in(window, "mutes")),
        ("Ended" if is_over else "Ends", moment(window.get("end_at"), zone)),
        ("Before", moment(window.get("old_end_at"), zone)),
        ("Still open", f"{alerts(still_open)} that it has muted" if is_over else ""),
        ("Set by", text_in(window, "created_by")),
    ]
    return [(name, value) for name, value in rows if value]


def _end_of(window: Facts, zone: tzinfo | None) -> str:
    at = moment(window.get("end_at"), zone)
    return f"until {at.partition(' (')[0]}" if at else "until it is ended"
