"""What passes beyond a budget because it is worse than everything that its storm withholds.

A storm must not hide the one critical fault among a thousand link-downs, and a flood of criticals must not
exhaust memory. So what is worse passes out of a reserve: a small share of the budget, apart for each
severity, so that majors use up nothing that a critical needs, and for each alert type at most a quarter
of it, so that one critical fault repeated on all ports leaves room for another.
"""

from typing import NamedTuple

from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.model.enums import Severity

SHARE = 0.02
"""Size of a reserve, as a share of the budget beyond which it is used."""

OF_ONE_TYPE = 0.25
"""Share of a reserve that one alert type may use."""

MOST_TYPES = 200
"""Alert types of which a reserve keeps account: those of a flood may be invented."""


class AlertKind(NamedTuple):
    """Of what kind a report is, as far as reserves are concerned."""

    severity: Severity
    alert_type: str


class Reserve:
    """What may pass beyond one budget.

    Args of the constructor:
        budget: The budget beyond which it is used.
    """

    def __init__(self, budget: Rate) -> None:
        self._rate = _part_of(budget, SHARE)
        self._rate_of_type = _part_of(self._rate, OF_ONE_TYPE)
        self._by_severity: dict[Severity, TokenBucket] = {}
        self._by_kind: BoundedMap[AlertKind, TokenBucket] = BoundedMap(MOST_TYPES)

    def allows(self, kind: AlertKind, now_s: float) -> bool:
        """Check whether one more report of this kind may pass."""
        own = self._bucket_of(kind, now_s)
        if own.available(self._rate_of_type, now_s) < 1:
            return False
        of_all = self._by_severity.get(kind.severity)
        if of_all is None:
            of_all = self._by_severity[kind.severity] = TokenBucket(self._rate, now_s)
        return of_all.available(self._rate, now_s) >= 1

    def take(self, kind: AlertKind) -> None:
        """Count a report that passes; `allows` has been asked."""
        self._by_kind[kind].take(1)
        self._by_severity[kind.severity].take(1)

    def _bucket_of(self, kind: AlertKind, now_s: float) -> TokenBucket:
        bucket = self._by_kind.get(kind)
        if bucket is None:
            bucket = self._by_kind[kind] = TokenBucket(self._rate_of_type, now_s)
        return bucket


def _part_of(rate: Rate, share: float) -> Rate:
    """Return a share of a rate, but at least one at once."""
    return Rate(rate.per_s * share, max(1, rate.burst * share))
