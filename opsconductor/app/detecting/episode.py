"""One finding of the detector, of a series or of a whole device, while it lasts, and its report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from math import exp
from typing import Any, Final
from uuid import UUID

from opsconductor.app.detecting.wording.devices import LeadingMetric, device_sentences, device_title
from opsconductor.app.detecting.wording.findings import sentences_of, title_of
from opsconductor.detect.channels import DetectorChannel
from opsconductor.detect.explain import TEXTS, Explanation, FindingContext, explain
from opsconductor.detect.findings import Findings
from opsconductor.model.measured.alert_rule import category_of
from opsconductor.model.measured.anomaly import Anomaly, AnomalyPlace, AnomalySeverity, anomaly_id

SEVERITIES: Final = (
    (5.8, AnomalySeverity.CRITICAL),
    (4.8, AnomalySeverity.HIGH),
    (3.7, AnomalySeverity.MEDIUM),
)
"""Rarity (log10 of days) from which a finding has a severity."""
LONGEST_TYPE: Final = 100
FAR: Final = 4.0
"""Usual distances from the expected value beyond which a value that does not change is a wrong value."""
MEMORY_DAYS: Final = 14.0
"""Days of history after which the confidence in the norm of a series is 0.63."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The rarest moment of a finding.

    Attributes:
        rarity: Log10 of days.
        own_rarity: The same of what was not judged false, as the alarm budget compares it.
        judged: People judged this kind false.
        rarities: By channel; `directions` likewise.
        metrics: Of a whole device: those that contribute most.
    """

    rarity: float
    own_rarity: float
    judged: bool
    rarities: Sequence[float]
    directions: Sequence[int]
    explanation: Explanation
    metrics: tuple[LeadingMetric, ...] = ()


@dataclass(slots=True, kw_only=True)
class Episode:
    """A finding from its begin to its end.

    Attributes:
        series: Of a whole device: a negative number.
        began_at: Seconds since 1970.
        rarity: Of its `Peak`; the others likewise.
        hour: Of the wall clock, at its begin.
        held_by: Name of the rule that holds it back; empty: none.
        is_decided: It is reported, or held back.
        group: Key of the episode whose alert it is part of; empty: its own.
        metrics: As in `Peak`.
    """

    series: int
    began_at: float
    place: AnomalyPlace
    rarity: float
    own_rarity: float
    judged: bool
    rarities: Sequence[float]
    directions: Sequence[int]
    hour: int
    explanation: Explanation
    held_by: str = ""
    is_decided: bool = False
    is_admitted: bool = False
    admission: str = ""
    group: str = ""
    members: list[str] = field(default_factory=list)
    metrics: tuple[LeadingMetric, ...] = ()

    @property
    def is_device(self) -> bool:
        """Return True if it is about a whole device."""
        return self.place.series_id is None

    @property
    def key(self) -> str:
        """Return the id as text."""
        return str(self.id)

    @property
    def subject(self) -> str:
        """Return what can be open only once."""
        return f"device:{self.place.device_key}" if self.is_device else f"series:{self.series}"

    @property
    def id(self) -> UUID:
        """Return the id of the anomaly."""
        return anomaly_id(self.subject, self.began_at)

    @property
    def detected_at(self) -> datetime:
        """Return its begin."""
        return datetime.fromtimestamp(self.began_at, UTC)

    @property
    def severity(self) -> AnomalySeverity:
        """Return how much it matters."""
        return next((each for least, each in SEVERITIES if self.rarity >= least), AnomalySeverity.LOW)

    def decide(self, admission: str, *, is_admitted: bool, group: str = "") -> None:
        """Record the decision about it, and why.

        Args:
            group: Key of the episode whose alert it is part of; empty: its own.
        """
        self.is_decided, self.is_admitted, self.admission, self.group = True, is_admitted, admission, group

    def reconsider(self) -> None:
        """Reset the decision: it became rarer."""
        self.is_decided = False

    def add_members(self, others: Iterable["Episode"]) -> None:
        """Add episodes that are reported together with it."""
        known = set(self.members)
        self.members += [each.key for each in others if each.key not in known and each is not self]

    def agree(self, amount: int) -> None:
        """Note how many series of its device are out of the ordinary at the same time."""
        if not self.is_device:
            self.explanation = replace(self.explanation, agreeing=amount)

    def rise(self, peak: "Peak") -> None:
        """Take a moment that is rarer."""
        self.rarity, self.own_rarity, self.judged = peak.rarity, peak.own_rarity, peak.judged
        self.rarities, self.directions, self.metrics = peak.rarities, peak.directions, peak.metrics
        kept = self.explanation
        self.explanation = replace(peak.explanation, last_similar_at=kept.last_similar_at)
        if not self.is_device:
            self.explanation = replace(self.explanation, of_metrics=kept.of_metrics, agreeing=kept.agreeing)

    def features(self) -> dict[str, object]:
        """Return what feedback needs."""
        device = {"device": self.place.device_key} if self.is_device else {}
        return {
            "rarities": list(self.rarities),
            "directions": list(self.directions),
            "hour": self.hour,
            **device,
        }

    def document(self, others: Sequence["Episode"] = ()) -> dict[str, object]:
        """Return the explanation, JSON-ready.

        Args:
            others: What it is reported together with.
        """
        facts = {**self.explanation.document(), "admitted": self.is_admitted, "reason": self.admission}
        places = [each.place for each in others if not each.is_device]
        if self.is_device:
            devices = {each.place.device_key for each in others} | {self.place.device_key}
            return {
                "title": device_title(self.explanation, self.metrics, len(devices)),
                "sentences": device_sentences(self.explanation, self.metrics, places, self.admission),
                **facts,
                "metrics": [each.document() for each in self.metrics],
            }
        return {
            "title": title_of(self.explanation, self.place, places),
            "sentences": sentences_of(self.explanation, self.place, places, self.admission),
            **facts,
        }

    def anomaly(self, others: Sequence["Episode"] = ()) -> Anomaly:
        """Return it as a row."""
        facts = self.explanation
        category = category_of(self.metrics[0].place.metric if self.metrics else self.place.metric)
        what = "device" if self.is_device else self.place.metric.lower()
        words = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in what)
        return Anomaly(
            id=self.id,
            subject=self.subject,
            detected_at=self.detected_at,
            place=self.place,
            anomaly_type=f"{category}_{words}"[: LONGEST_TYPE - 8].rstrip("_") + "_anomaly",
            category=category,
            algorithm="device_test" if self.is_device else "detector",
            severity=self.severity,
            value=facts.value,
            expected=facts.expected,
            distance=abs(facts.value - facts.expected),
            score=min(1.0, max(0.0, 1 - 10.0 ** -max(self.rarity, 0.0))),
            confidence=1 - exp(-facts.seen_days / MEMORY_DAYS),
            channel=facts.channel,
            direction=facts.direction,
            hour_bucket=self.hour,
            group_id=UUID(self.group) if self.group else None,
            members=len(self.members),
            is_admitted=self.is_admitted,
            admission=self.admission,
            explanation=self.document(others),
            features=self.features(),
            calculated_metrics={"once_in_days": facts.once_in_days, "band": facts.band},
        )

    def saved(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return asdict(self)


def explained(found: Findings, row: int) -> Explanation:
    """Return the facts about a finding in the channel that says most to people.

    A value that stays at zero is both unchanged and far from what is expected: it is the latter.
    """
    facts = explain(found, row, FindingContext())
    if facts.channel == "flatline" and not _is_between(facts):
        also = tuple(each for each in facts.also if each not in ("residual", "raw"))
        what = TEXTS[DetectorChannel.RESIDUAL]
        way = "up" if facts.value > facts.expected else "down"
        return replace(facts, channel="residual", what=what, direction=way, also=(*also, "flatline"))
    return facts


def _is_between(facts: Explanation) -> bool:
    return abs(facts.value - facts.expected) <= FAR * facts.band


def restored(saved: Mapping[str, Any]) -> Episode:
    """Return an episode as `saved` wrote it.

    Raises:
        TypeError: It is of another version.
    """
    explanation = {**saved["explanation"], "also": tuple(saved["explanation"]["also"])}
    place = AnomalyPlace(**saved["place"])
    metrics = tuple(
        LeadingMetric(place=AnomalyPlace(**each["place"]), deviation=each["deviation"])
        for each in saved.get("metrics", ())
    )
    known = {**saved, "place": place, "explanation": Explanation(**explanation), "metrics": metrics}
    return Episode(**known)
