"""Admission of findings as alerts: which are held back, reported together, or beyond the budget."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log10
from typing import Any, Final
from uuid import UUID

from opsconductor.app.detecting.episode import Episode, restored
from opsconductor.app.detecting.grouping import fleet_of, groups_of
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.budget import AlarmBudget, BudgetConfig, BudgetReason, Candidate, Decision
from opsconductor.detect.config import DAY_S
from opsconductor.model.measured.anomaly import Anomaly, AnomalyChange, AnomalyNews

JOIN_S: Final = 3_600.0
"""What many devices have in common may take as long to reach all of them."""


class Admission:
    """Decides about findings, and stores those that others are reported with.

    Args of the constructor:
        open_episodes: The findings that last, by series; kept by the watch of the detector.
    """

    def __init__(self, settings: DetectionSettings, open_episodes: Mapping[int, Episode]) -> None:
        self._settings = settings
        self._config = BudgetConfig(
            per_day=settings.alerts_per_day, burst=settings.burst, site_share=settings.site_share
        )
        self._open = open_episodes
        self._budget: AlarmBudget | None = None
        self._leaders: dict[str, Episode] = {}

    def saved(self) -> dict[str, Any]:
        """Return what is remembered, JSON-ready; open episodes are named only."""
        ended = [each for each in self._leaders.values() if self._open.get(each.series) is not each]
        return {
            "leaders": [each.saved() for each in ended],
            "leading": list(self._leaders),
            "budget": None if self._budget is None else self._budget.saved(),
        }

    def restore(self, saved: Mapping[str, Any], open_episodes: Sequence[Episode]) -> None:
        """Take over what `saved` returned; a budget that was not stored begins full.

        Args:
            open_episodes: Those that last.

        Raises:
            KeyError, TypeError, ValueError: It is of another version.
        """
        known = {each.key: each for each in (*open_episodes, *map(restored, saved["leaders"]))}
        leading = saved.get("leading", [each.key for each in known.values() if each.members])
        budget = saved.get("budget")
        self._leaders = {key: known[key] for key in leading if key in known}
        self._budget = None if budget is None else AlarmBudget.restored(self._config, budget)

    def decide(self, waiting: Sequence[Episode], at: float) -> AnomalyNews:
        """Decide about findings, and about earlier ones that wait for the budget.

        Args:
            at: Time of the newest points.
        """
        news = self._hold(waiting)
        groups = []
        self._agree(waiting)
        for group in groups_of([each for each in waiting if not each.is_decided]):
            leader = fleet_of(group, self._leaders.values(), JOIN_S)
            if leader is not None:
                news = news.and_then(self._join(group, leader))
                continue
            groups.append(group)
            group[0].add_members(group[1:])
            self._leaders[group[0].key] = group[0]
        candidates = [self._candidate(group, at) for group in groups]
        decisions = {each.candidate.key: each for each in self._offer(candidates, at)}
        for group in groups:
            news = news.and_then(self._decided(group, decisions.pop(group[0].key)))
        for decision in decisions.values():  # those that waited for a token
            news = news.and_then(self._late(decision))
        self._forget(at)
        return news

    def _hold(self, waiting: Sequence[Episode]) -> AnomalyNews:
        """Hold back what a rule holds back, and series that are not known for long enough."""
        held = []
        for each in waiting:
            reason = f"held back by the rule '{each.held_by}'" if each.held_by else ""
            if each.explanation.seen_days * DAY_S < self._settings.learning.total_seconds():
                reason = "held back: the series is not known for long enough"
            if reason:
                held.append((each, not each.admission))
                each.decide(reason, is_admitted=False)
        return AnomalyNews(
            begun=[self._row(each) for each, is_new in held if is_new],
            changed=[self.change(each) for each, is_new in held if not is_new],
        )

    def _join(self, group: Sequence[Episode], leader: Episode) -> AnomalyNews:
        """Add what has the same in common to a group that many devices are in already."""
        fresh = [not each.admission for each in group]
        for each in group:
            why = "it is part of an alert that was reported" if leader.is_admitted else leader.admission
            each.decide(why, is_admitted=leader.is_admitted, group=leader.key)
        leader.add_members(group)
        changed = [each for each, is_new in zip(group, fresh, strict=True) if not is_new]
        return AnomalyNews(
            begun=[self._row(each) for each, is_new in zip(group, fresh, strict=True) if is_new],
            changed=[self.change(each) for each in (*changed, leader)],
        )

    def _candidate(self, group: Sequence[Episode], at: float) -> Candidate:
        leader = group[0]
        is_judged = leader.judged and leader.own_rarity < log10(self._config.least_days)
        sites = {each.place.site for each in group}
        devices = {each.place.device_key for each in group}
        return Candidate(
            key=leader.key,
            time=at,
            rarity=leader.own_rarity,
            device=leader.place.device_key if len(devices) == 1 else "",
            site=leader.place.site if len(sites) == 1 else "",
            judged=is_judged,
        )

    def _agree(self, waiting: Sequence[Episode]) -> None:
        """Note how many series of the same device are out of the ordinary now."""
        amounts = Counter(each.place.device_key for each in self._open.values() if not each.is_device)
        for each in waiting:
            each.agree(amounts[each.place.device_key])

    def _offer(self, candidates: Sequence[Candidate], at: float) -> list[Decision]:
        if self._budget is None:
            self._budget = AlarmBudget(self._config, at)
        return self._budget.offer(candidates, at)

    def _decided(self, group: Sequence[Episode], decision: Decision) -> AnomalyNews:
        leader = group[0]
        is_new = [not each.is_decided and not each.admission for each in group]
        joins = self._leaders.get(decision.group) if decision.reason is BudgetReason.JOINED else None
        top = leader if joins is None or joins is leader else joins
        for each in group:
            group_key = "" if each is top else top.key
            each.decide(words_of(decision), is_admitted=decision.admitted, group=group_key)
        if top is not leader:
            top.add_members(group)
        begun = [self._row(each) for each, new in zip(group, is_new, strict=True) if new]
        changed = [self.change(each) for each, new in zip(group, is_new, strict=True) if not new]
        if top is not leader:
            changed.append(self.change(top))
        return AnomalyNews(begun=begun, changed=changed)

    def _late(self, decision: Decision) -> AnomalyNews:
        leader = self._leaders.get(decision.candidate.key)
        if leader is None or leader.is_admitted or not decision.admitted or leader.series not in self._open:
            return AnomalyNews()
        leader.decide(words_of(decision), is_admitted=True)
        return AnomalyNews(changed=[self.change(leader)])

    def _row(self, episode: Episode) -> Anomaly:
        return episode.anomaly(self._others(episode))

    def change(self, episode: Episode) -> AnomalyChange:
        """Return a finding as it is now."""
        return AnomalyChange(
            id=episode.id,
            detected_at=episode.detected_at,
            severity=episode.severity,
            value=episode.explanation.value,
            explanation=episode.document(self._others(episode)),
            features=episode.features(),
            group_id=UUID(episode.group) if episode.group else None,
            members=len(episode.members),
            is_admitted=episode.is_admitted,
            admission=episode.admission,
        )

    def _others(self, episode: Episode) -> list[Episode]:
        """Return the open members of an episode's group."""
        if not episode.members:
            return []  # most have none, and thousands may begin at once
        members = set(episode.members)
        return [each for each in self._open.values() if each.key in members]

    def _forget(self, at: float) -> None:
        """Forget the leaders of groups that are over."""
        wanted = {each.group for each in self._open.values()} | {each.key for each in self._open.values()}
        self._leaders = {
            key: each for key, each in self._leaders.items() if key in wanted or at < each.began_at + JOIN_S
        }


def words_of(decision: Decision) -> str:
    """Return why a finding is reported or held back."""
    if decision.reason is BudgetReason.ADMITTED:
        return "it is an alert: rare enough, and within the budget"
    if decision.reason is BudgetReason.JOINED:
        return "it is part of an alert that was reported"
    return f"held back: {decision.reason}"
