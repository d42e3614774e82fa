"""Budgets of senders, fair shares, and reserves beyond a budget; bounded and pure."""

from collections.abc import Mapping
from typing import NamedTuple

from opsconductor.limits import BoundedMap, Rate, TokenBucket
from opsconductor.model.enums import Severity

MOST = 40_000
"""Maximum number of senders remembered, about 10 MB; more devices than that seldom send at once."""


class SenderBudget:
    """Token buckets of one device.

    Attributes:
        messages: For everything that it sends.
        transitions: For what changes something: new alerts, reopened alerts, other severities.
    """

    __slots__ = ("messages", "transitions")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self.messages = TokenBucket(rate, now_s)
        self.transitions = TokenBucket(rate, now_s)


class Senders:
    """Budgets by device, of the latest `most` senders.

    A device that floods is in every batch and so never evicted; an evicted one has not sent while many others
    did, and starts again with a full budget, which it would nearly have had anyway.
    """

    def __init__(self, rate: Rate, most: int = MOST) -> None:
        self._rate = rate
        self._known: BoundedMap[str, SenderBudget] = BoundedMap(most)

    def __len__(self) -> int:
        """Return the number of known senders."""
        return len(self._known)

    def meet(self, device: str, now_s: float) -> SenderBudget:
        """Return the budget of a sender; a new one is full."""
        sender = self._known.use(device)
        if sender is None:
            sender = self._known[device] = SenderBudget(self._rate, now_s)
        return sender


def fair_shares(wanted: Mapping[str, int], supply: int) -> dict[str, int]:
    """Return max-min fair shares: equal, but none larger than the demand.

    Small demands are met in full before large ones get more, so that a device that sends little is not
    displaced by a flood.

    Returns:
        By name; together no more than `supply`.
    """
    shares: dict[str, int] = {}
    left, waiting = max(0, supply), len(wanted)
    for name, amount in sorted(wanted.items(), key=lambda each: each[1]):
        share = min(amount, -(-left // waiting))  # rounded up: the remainder goes to the smallest amounts
        shares[name] = share
        left -= share
        waiting -= 1
    return shares


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
