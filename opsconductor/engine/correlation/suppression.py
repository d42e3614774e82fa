"""What alerts and their history rows contain while a cause suppresses them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.enums import DependencyType, Status
from opsconductor.model.text import one_line

LONGEST_RULE = 100
MOST_CAUSES = 20_000
"""Causes whose texts are cached: more than 100,000 devices have with ten dependents each."""


class Suppression:
    """Suppression by one cause: all consequences have the same objects, which a commit encodes once.

    Attributes:
        values: Fields of a consequence.
    """

    __slots__ = ("_before", "_begun", "_id", "_moved", "_text", "values")

    def __init__(self, number: int, kind: DependencyType, alert_type: str, place: str | None) -> None:
        """Compose the texts.

        Args:
            number: The number of the cause's id: a UUID is slow to hash.
            alert_type: That of the cause.
            place: The device of the cause, as people know it.
        """
        cause_id = UUID(int=number)
        self._id = str(cause_id)
        self._text = f"every {kind} path is cut by {alert_type} on {place}"
        self.values: Mapping[str, Any] = {
            "status": Status.SUPPRESSED,
            "correlated_to_id": cause_id,
            "correlation_rule": one_line(self._text, LONGEST_RULE),
            "notify_at": None,
            "reroute_at": None,
            "planned": (),
        }
        self._begun = self._moved = self._row(None)
        self._before = -1

    def row(self, before: UUID | None) -> Mapping[str, object]:
        """Return the content of a history row.

        Args:
            before: The cause until now: mostly the same for those that move one after another.
        """
        if before is None:
            return self._begun
        if before.int != self._before:
            self._before, self._moved = before.int, self._row(str(before))
        return self._moved

    def _row(self, before: str | None) -> Mapping[str, object]:
        return {"correlated_to_id": [before, self._id], "why": self._text}


def suppression_by(cause: Alert, kind: DependencyType) -> Suppression:
    """Return the suppression by a cause; one object as long as what it is about stays."""
    return _suppression(cause.id.int, kind, cause.alert_type, cause.device_name or cause.device_ip)


_suppression = lru_cache(maxsize=MOST_CAUSES)(Suppression)
