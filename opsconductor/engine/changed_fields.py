"""What has to follow a change of an alert, by the fields that are changed."""

from functools import cache
from typing import NamedTuple

INDEXED = frozenset(
    {
        "status",
        "severity",
        "is_cutting",
        "device_ip",
        "device_name",
        "alert_type",
        "category",
        "resource",
        "correlated_to_id",
        "snapshot_scope",
    }
)
"""Fields by which alerts are indexed or cut others; `notify_at` is one of a suppressed alert."""
CUTTING = frozenset(
    {"severity", "is_cutting", "device_ip", "device_name", "alert_type", "category", "resource"}
)
"""Fields that determine what an open alert cuts."""
TIMED = frozenset({"notify_at", "expires_at", "flapping_since", "reroute_at", "muted_until"})
MATCHED = CUTTING | {"custom_fields"}
"""Fields that determine which maintenance windows an alert is in."""
FOLLOWED = frozenset({"status", "severity", "muted_by", "impacted"})
"""Fields that decide whether and where an alert is named in a message that waits, and who gets an update."""


class Touched(NamedTuple):
    """Which of the sets above have one of some fields.

    Attributes:
        is_held: Whether `notify_at` is one of them.
        is_counted: Whether `occurrence_count` is.
    """

    is_indexed: bool
    is_cutting: bool
    is_timed: bool
    is_matched: bool
    is_followed: bool
    is_held: bool
    is_counted: bool


@cache  # code names the fields, so there are as many as places in code
def touched(*names: str) -> Touched:
    """Return what changes of some fields concern."""
    sets = (INDEXED, CUTTING, TIMED, MATCHED, FOLLOWED, {"notify_at"}, {"occurrence_count"})
    return Touched(*(not each.isdisjoint(names) for each in sets))
