"""Alarm budget: the rarest findings of a day become alerts, many at once on one device or site become one."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import log10
from typing import Any

from opsconductor.detect.config import DAY_S
from opsconductor.limits import Rate, TokenBucket


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetConfig:
    """How many findings may become alerts.

    Attributes:
        per_day: Alerts a day for the installation.
        burst: Alerts at once, after a quiet time.
        site_share: Share of both that one site may have.
        least_days: A finding that is usual more often than once in as many days for its series is never
            reported, whatever is left of the budget.
        join_s: What begins on a device within as many seconds after another belongs to it.
        site_devices: From as many devices of one site within this time on, they are one alert of the site.
        wait_s: A finding that found no token waits for one as long.
        memory_s: Time over which the threshold is chosen so that the budget suffices.
    """

    per_day: float = 20.0
    burst: float = 5.0
    site_share: float = 0.5
    least_days: float = 50_000.0
    join_s: float = 1_800.0
    site_devices: int = 3
    wait_s: float = 7_200.0
    memory_s: float = 7 * DAY_S


class BudgetReason(StrEnum):
    """Why a finding was admitted or held back."""

    ADMITTED = "admitted"
    JOINED = "part of an alert that was admitted"
    TOO_COMMON = "not rare enough"
    BELOW_BEST = "the budget goes to rarer ones"
    NO_TOKEN = "the budget is used up for now"  # noqa: S105 - of a token bucket
    SITE_SHARE = "the share of the site is used up"
    FALSE_POSITIVE = "the same kind was judged false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding that may become an alert, or one that became rarer.

    Attributes:
        key: Identity of the finding (episode), the same when it is offered again.
        time: Seconds since 1970.
        rarity: Log10 of days.
        device: Device of the series; empty if unknown, which joins nothing.
        site: Site of the device; empty if unknown, which has no share.
        judged: Whether people judged this kind false.
    """

    key: str
    time: float
    rarity: float
    device: str = ""
    site: str = ""
    judged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The decision about a candidate.

    Attributes:
        candidate: The candidate.
        admitted: Whether it is reported: as an alert of its own, or as member of one.
        reason: Why.
        group: Key of the finding whose alert it is part of; its own key if it is the first.
        threshold: Rarity that was needed.
    """

    candidate: Candidate
    admitted: bool
    reason: BudgetReason
    group: str
    threshold: float


@dataclass(slots=True)
class _Group:
    """What began together on one device or site."""

    key: str
    last: float
    admitted: bool = False
    rarity: float = -9.0
    devices: set[str] = field(default_factory=set)


class AlarmBudget:
    """Token bucket with an adaptive threshold. Pure: time comes in with the candidates."""

    def __init__(self, config: BudgetConfig, now_s: float) -> None:
        self._config = config
        self._started = now_s
        self._rate = Rate(config.per_day / DAY_S, config.burst)
        self._site_rate = Rate(
            config.per_day * config.site_share / DAY_S, max(1.0, config.burst * config.site_share)
        )
        self._bucket = TokenBucket(self._rate, now_s)
        self._sites: dict[str, TokenBucket] = {}
        self._devices: dict[str, _Group] = {}
        self._site_groups: dict[str, _Group] = {}
        self._admitted: dict[str, tuple[str, float]] = {}
        self._best: dict[str, tuple[float, float]] = {}
        self._waiting: dict[str, Candidate] = {}

    def threshold(self, now: float) -> float:
        """Return the rarity that is needed: that of the rarest findings for which the budget has room."""
        config = self._config
        floor = _log10(config.least_days)
        seen = [rarity for at, rarity in self._best.values() if at > now - config.memory_s]
        days = min(now - self._started, config.memory_s) / DAY_S
        room = int(config.per_day * max(days, 1.0))
        if len(seen) <= room:
            return floor
        return max(floor, sorted(seen, reverse=True)[room])

    def offer(self, candidates: Iterable[Candidate], now: float) -> list[Decision]:
        """Decide about candidates, the rarest first, and about those that waited for a token."""
        self._expire(now)
        threshold = self.threshold(now)
        decisions = []
        offered = {each.key: each for each in candidates}
        for key, waiting in self._waiting.items():
            offered.setdefault(key, waiting)
        for candidate in sorted(offered.values(), key=lambda each: -each.rarity):
            decision = self._decide(candidate, now, threshold)
            self._note(decision, now)
            decisions.append(decision)
        return decisions

    def saved(self) -> dict[str, Any]:
        """Return what is left of the budget and what it remembers, JSON-ready."""
        groups = {"devices": self._devices, "site_groups": self._site_groups}
        return {
            "started": self._started,
            "bucket": self._bucket.saved(),
            "sites": {name: bucket.saved() for name, bucket in self._sites.items()},
            "admitted": self._admitted,
            "best": self._best,
            "waiting": [asdict(each) for each in self._waiting.values()],
            **{
                name: {key: {**asdict(each), "devices": sorted(each.devices)} for key, each in found.items()}
                for name, found in groups.items()
            },
        }

    @classmethod
    def restored(cls, config: BudgetConfig, saved: Mapping[str, Any]) -> "AlarmBudget":
        """Return a budget as `saved` wrote it; with another configuration it continues by that.

        Raises:
            TypeError, ValueError, KeyError: It is of another version.
        """
        budget = cls(config, float(saved["started"]))
        budget._bucket = TokenBucket.restored(saved["bucket"])
        budget._sites = {name: TokenBucket.restored(each) for name, each in saved["sites"].items()}
        budget._admitted = {key: (str(group), float(at)) for key, (group, at) in saved["admitted"].items()}
        budget._best = {key: (float(at), float(rarity)) for key, (at, rarity) in saved["best"].items()}
        budget._waiting = {each["key"]: Candidate(**each) for each in saved["waiting"]}
        budget._devices, budget._site_groups = (
            {key: _Group(**{**each, "devices": set(each["devices"])}) for key, each in saved[name].items()}
            for name in ("devices", "site_groups")
        )
        return budget

    def _decide(self, candidate: Candidate, now: float, threshold: float) -> Decision:
        """Decide about one candidate, and take its token."""
        if candidate.key in self._admitted:
            return _decision(candidate, BudgetReason.JOINED, self._admitted[candidate.key][0], threshold)
        group = self._group(candidate)
        reason = self._common(candidate, group, threshold) or self._spend(candidate, now)
        if reason is BudgetReason.ADMITTED:
            group.admitted, group.key = True, candidate.key
            site = self._site_groups.get(candidate.site)
            if site is not None and not site.admitted:
                site.admitted, site.key = True, candidate.key
        return _decision(candidate, reason, group.key, threshold)

    def _common(self, candidate: Candidate, group: _Group, threshold: float) -> BudgetReason | None:
        """Return why a candidate takes no token, None if it may."""
        if candidate.judged:
            return BudgetReason.FALSE_POSITIVE
        if candidate.rarity < _log10(self._config.least_days):
            return BudgetReason.TOO_COMMON
        if group.admitted:
            return BudgetReason.JOINED
        return BudgetReason.BELOW_BEST if candidate.rarity < threshold else None

    def _spend(self, candidate: Candidate, now: float) -> BudgetReason:
        """Take a token of the installation and of the site, if both have one."""
        site = self._site_bucket(candidate.site, now)
        if site is not None and site.available(self._site_rate, now) < 1:
            return BudgetReason.SITE_SHARE
        if self._bucket.available(self._rate, now) < 1:
            return BudgetReason.NO_TOKEN
        self._bucket.take(1)
        if site is not None:
            site.take(1)
        return BudgetReason.ADMITTED

    def _note(self, decision: Decision, now: float) -> None:
        """Remember a decision for the threshold and for waiting."""
        candidate = decision.candidate
        key = candidate.key
        if decision.reason in (BudgetReason.NO_TOKEN, BudgetReason.SITE_SHARE):
            self._waiting.setdefault(key, candidate)
        else:
            self._waiting.pop(key, None)
        if decision.admitted:
            self._admitted[key] = (decision.group, now)
        if decision.reason not in (BudgetReason.FALSE_POSITIVE, BudgetReason.TOO_COMMON):
            name = decision.group
            at, rarity = self._best.get(name, (candidate.time, -9.0))
            self._best[name] = (at, max(rarity, candidate.rarity))

    def _group(self, candidate: Candidate) -> _Group:
        """Return the group that a candidate belongs to; of its site if many devices of it began at once."""
        if not candidate.device:
            return _Group(candidate.key, candidate.time, admitted=candidate.key in self._admitted)
        group = _joined(self._devices, candidate.device, candidate, self._config.join_s)
        if not candidate.site or candidate.rarity < _log10(self._config.least_days):
            return group
        site = _joined(self._site_groups, candidate.site, candidate, self._config.join_s)
        site.devices.add(candidate.device)
        few = len(site.devices) < self._config.site_devices
        return group if few or group.admitted else site

    def _site_bucket(self, site: str, now: float) -> TokenBucket | None:
        """Return the bucket of a site."""
        if not site:
            return None
        return self._sites.setdefault(site, TokenBucket(self._site_rate, now))

    def _expire(self, now: float) -> None:
        """Forget what is too old to matter."""
        config = self._config
        for groups in (self._devices, self._site_groups):
            for name in [name for name, group in groups.items() if now > group.last + config.join_s]:
                del groups[name]
        for key in [key for key, each in self._waiting.items() if now > each.time + config.wait_s]:
            del self._waiting[key]
        for key in [key for key, (at, _) in self._best.items() if now > at + config.memory_s]:
            del self._best[key]
        for key in [key for key, (_, at) in self._admitted.items() if now > at + config.memory_s]:
            del self._admitted[key]


def _joined(groups: dict[str, _Group], name: str, candidate: Candidate, join_s: float) -> _Group:
    """Return the group of a device or site, a new one if the last began too long ago."""
    group = groups.get(name)
    if group is None or candidate.time > group.last + join_s:
        group = groups[name] = _Group(candidate.key, candidate.time)
    group.last = max(group.last, candidate.time)
    return group


def _decision(candidate: Candidate, reason: BudgetReason, group: str, threshold: float) -> Decision:
    """Return a decision; only two reasons admit."""
    admitted = reason in (BudgetReason.ADMITTED, BudgetReason.JOINED)
    return Decision(candidate=candidate, admitted=admitted, reason=reason, group=group, threshold=threshold)


def _log10(days: float) -> float:
    """Return the logarithm of a number of days."""
    return log10(max(days, 1e-3))
