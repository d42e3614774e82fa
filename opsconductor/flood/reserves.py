"""Reserves for what passes beyond a budget; bounded and pure."""

from typing import NamedTuple

from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.model.enums import Severity

SHARE = 0.02
"""Size of a reserve, as a share of the budget beyond which it is used."""

OF_ONE_TYPE = 0.25
"""Share of a reserve that one alert type may use."""

MOST_TYPES = 200
"""Maximum number of alert types counted by a reserve: those of a flood may be forged."""


class AlertKind(NamedTuple):
    """Class of a report with regard to reserves."""

    severity: Severity
    alert_type: str


class Reserve:
    """Reserve for reports beyond one budget.

    Args of the constructor:
        budget: The budget beyond which it is used.
    """

    def __init__(self, budget: Rate) -> None:
        self._rate = _part_of(budget, SHARE)
        self._rate_of_type = _part_of(self._rate, OF_ONE_TYPE)
        self._by_severity: dict[Severity, TokenBucket] = {}
        self._by_kind: BoundedMap[AlertKind, TokenBucket] = BoundedMap(MOST_TYPES)

    def allows(self, kind: AlertKind, now_s: float) -> bool:
        """Return True if one more report of this kind may pass."""
        own = self._bucket_of(kind, now_s)
        if own.available(self._rate_of_type, now_s) < 1:
            return False
        of_all = self._by_severity.get(kind.severity)
        if of_all is None:
            of_all = self._by_severity[kind.severity] = TokenBucket(self._rate, now_s)
        return of_all.available(self._rate, now_s) >= 1

    def take(self, kind: AlertKind) -> None:
        """Count a report that passes; call `allows` first."""
        self._by_kind[kind].take(1)
        self._by_severity[kind.severity].take(1)

    def _bucket_of(self, kind: AlertKind, now_s: float) -> TokenBucket:
        bucket = self._by_kind.get(kind)
        if bucket is None:
            bucket = self._by_kind[kind] = TokenBucket(self._rate_of_type, now_s)
        return bucket


def _part_of(rate: Rate, share: float) -> Rate:
    """Return a share of a rate, with a burst of at least one."""
    return Rate(rate.per_s * share, max(1, rate.burst * share))
