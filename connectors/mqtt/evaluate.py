"""Evaluation of a message: the problem of each rule that matches its topic, or its end.

Pure: the severity of an open alert is passed in as a function, because a value within its hysteresis, or a
retained state, means something else while the alert is open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple

from connectors.mqtt.message import Birth, Key, MqttMessage
from connectors.mqtt.payload import Payload, number_of, word_of
from connectors.mqtt.rule import TopicRule
from connectors.mqtt.sparkplug import decode
from connectors.mqtt.sparkplug_state import read_address
from opsconductor.connector.language.path import MISSING, walk
from opsconductor.connector.settings.duration import format_duration
from opsconductor.connector.settings.threshold import level_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.limits import BoundedMap
from opsconductor.model.enums import Category, Severity
from opsconductor.model.text import LONGEST_TITLE, folded, one_line

UNKNOWN_VALUE, IMPLAUSIBLE = "unknown_value", "implausible"
"""Reason of NormalizeError: `values` does not contain it, and `otherwise` is not set."""
MOST_TOPICS = 20_000
"""Topics whose rules are cached."""

Before = Callable[[Key], Severity | None]
"""Returns the severity of the open alert; None: none is open."""
Captured = Mapping[str, str]


class MqttFinding(NamedTuple):
    """Result of a message for one problem; severity `clear`: it is over.

    Attributes:
        scope: Identifies the rule, see `TopicRule.scopes`.
    """

    device: str
    resource: str
    alert_type: str
    category: Category
    severity: Severity
    title: str
    message: str
    is_cutting: bool
    expires_after: timedelta | None
    scope: str


class RuleBook:
    """The rules, indexed by topic."""

    def __init__(self, rules: Sequence[TopicRule], host: str) -> None:
        self._rules = rules
        self._host = host
        self._known: BoundedMap[str, tuple[tuple[TopicRule, Captured], ...]] = BoundedMap(MOST_TOPICS)

    def scopes(self) -> frozenset[str]:
        """Return the possible values of `MqttFinding.scope`."""
        return frozenset(scope for rule in self._rules for scope in rule.scopes)

    def matching(self, topic: str) -> Sequence[tuple[TopicRule, Captured]]:
        """Return the rules that match a topic, each with its captures."""
        known = self._known.get(topic)
        if known is None:
            found = ((rule, rule.match(topic)) for rule in self._rules)
            known = tuple((rule, captured) for rule, captured in found if captured is not None)
            self._known[topic] = known
        return known

    def silences(self, topic: str) -> Iterator[tuple[TopicRule, Key]]:
        """Return the rules that monitor this topic for silence, each with the alert to raise."""
        for rule, captured in self.matching(topic):
            if rule.silence is not None:
                yield rule, self._silence_key(rule, captured)

    def evaluate(self, message: MqttMessage, before: Before) -> list[MqttFinding]:
        """Return the findings for a message; raises DecodeError or NormalizeError if no rule can read it."""
        if message.silent_s:
            return list(self._silent(message, before))
        findings: list[MqttFinding] = []
        fault: DecodeError | NormalizeError | None = None
        for rule, captured in self.matching(message.topic):
            if rule.silence is not None and not message.is_retained:
                findings += self._audible(rule, captured, before)
            try:
                if rule.payload == "sparkplug":
                    findings += self._sparkplug(rule, captured, message, before)
                elif message.payload is not None:
                    findings += self._message(rule, captured, message, before)
            except (DecodeError, NormalizeError) as error:
                fault = fault or error
        if fault is not None and not findings:
            raise fault
        return findings

    def selects(self, topic: str, metric: str) -> bool:
        """Return True if a rule matches a metric of Sparkplug B."""
        return any(
            rule.metric is not None and fnmatchcase(metric, rule.metric) for rule, _ in self.matching(topic)
        )

    def _message(
        self, rule: TopicRule, captured: Captured, message: MqttMessage, before: Before
    ) -> Iterator[MqttFinding]:
        payload = message.payload
        assert payload is not None
        if not payload.data and "" not in rule.values:
            yield from self._removed(rule, captured, before)
            return
        value = value_of(rule, captured, payload, message.topic)
        if value is MISSING:
            return
        finding = self._judged(rule, captured, value, payload, before)
        if finding is None or (message.is_retained and _is_known(finding, before)):
            return
        yield finding

    def _judged(
        self, rule: TopicRule, captured: Captured, value: object, payload: Payload | None, before: Before
    ) -> MqttFinding | None:
        """Return the finding for one value; None: the rule does not apply to it."""
        texts = rule.texts
        device, resource = self.place_of(rule, captured, value, payload)
        key = (device, rule.alert_type, resource)
        severity = _severity(rule, value, key, before)
        if severity is None:
            return None
        message = texts["message"].fill(captured, value, payload)
        return _finding(rule, key, severity, _title(rule, severity, captured, value, payload), message)

    def place_of(
        self, rule: TopicRule, captured: Captured, value: object, payload: Payload | None
    ) -> tuple[str, str]:
        """Return the device and the resource that a value is about."""
        resource = _name(rule.texts["resource"].fill(captured, value, payload))
        return self._device(rule, captured, value, payload), resource

    def _device(
        self, rule: TopicRule, captured: Captured, value: object = MISSING, payload: Payload | None = None
    ) -> str:
        if rule.device == "{device}" and not captured.get("device"):
            return _name(captured.get("node", "")) or self._host
        return _name(rule.texts["device"].fill(captured, value, payload)) or self._host

    def _removed(self, rule: TopicRule, captured: Captured, before: Before) -> Iterator[MqttFinding]:
        """Clear open alerts when a retained state is deleted: its device was renamed or removed."""
        texts = rule.texts
        if rule.severity is not None or texts["device"].needs_payload or texts["resource"].needs_payload:
            return
        resource = _name(texts["resource"].fill(captured, MISSING, None))
        key = (self._device(rule, captured), rule.alert_type, resource)
        if before(key) is not None:
            title = _title(rule, Severity.CLEAR, captured, "removed", None)
            yield _finding(rule, key, Severity.CLEAR, title, "The topic was removed.")

    def _sparkplug(
        self, rule: TopicRule, captured: Captured, message: MqttMessage, before: Before
    ) -> Iterator[MqttFinding]:
        if message.payload is not None and read_address(message.topic) is not None:
            decode(message.payload.data)  # raises again for what `run` could not read
        if rule.is_of_births:
            for birth in message.births:
                yield self._born(rule, captured, birth)
            return
        for metric in message.metrics:
            if not fnmatchcase(metric.name, rule.metric or "*"):
                continue
            names = {"group": metric.group, "node": metric.node, "device": metric.device}
            known = {**captured, **names, "metric": metric.name}
            value = within_payload(rule, known, metric.value, message.topic)
            finding = None if value is MISSING else self._judged(rule, known, value, None, before)
            if finding is not None:
                yield finding

    def _born(self, rule: TopicRule, captured: Captured, birth: Birth) -> MqttFinding:
        known = {**captured, "group": birth.group, "node": birth.node, "device": birth.device}
        state = "online" if birth.is_online else "offline"
        resource = _name(rule.texts["resource"].fill(known, state, None))
        key = (self._device(rule, known), rule.alert_type, resource)
        assert rule.severity is not None
        severity = Severity.CLEAR if birth.is_online else rule.severity
        title = _title(rule, severity, known, state, None)
        return _finding(rule, key, severity, title, rule.texts["message"].fill(known, state, None))

    def _silence_key(self, rule: TopicRule, captured: Captured) -> Key:
        resource = _name(rule.texts["resource"].fill(captured, MISSING, None))
        return self._device(rule, captured), rule.silent_type, resource

    def _silent(self, message: MqttMessage, before: Before) -> Iterator[MqttFinding]:
        for rule, captured in self.matching(message.topic):
            if rule.silence is None or rule.silence.total_seconds() != message.silent_s:
                continue
            key = self._silence_key(rule, captured)
            if before(key) is None:
                title = f"No message for {format_duration(rule.silence)}"
                yield _finding(rule, key, rule.silence_severity, title, f"Topic {message.topic}")

    def _audible(self, rule: TopicRule, captured: Captured, before: Before) -> Iterator[MqttFinding]:
        key = self._silence_key(rule, captured)
        if before(key) is not None:
            yield _finding(rule, key, Severity.CLEAR, "Messages arrive again", "")


def _name(text: str) -> str:
    """Return a device or resource name as the engine stores it, so that its alert is found again."""
    return one_line(text, LONGEST_TITLE)


def _title(
    rule: TopicRule, severity: Severity, captured: Captured, value: object, payload: Payload | None
) -> str:
    name = "clear_title" if severity is Severity.CLEAR and rule.clear_title else "title"
    return folded(rule.texts[name].fill(captured, value, payload), LONGEST_TITLE)


def _finding(rule: TopicRule, key: Key, severity: Severity, title: str, message: str) -> MqttFinding:
    device, alert_type, resource = key
    return MqttFinding(
        device,
        resource,
        alert_type,
        rule.category_or_default,
        severity,
        title,
        message,
        rule.is_cutting,
        rule.expires_after,
        rule.scope_of(alert_type),
    )


def _is_known(finding: MqttFinding, before: Before) -> bool:
    """Return True if a retained message repeats what is already open."""
    return before((finding.device, finding.alert_type, finding.resource)) is finding.severity


def value_of(rule: TopicRule, captured: Captured, payload: Payload, topic: str) -> object:
    """Return the value that a rule reads from a payload, or MISSING; raises DecodeError, NormalizeError."""
    return within_payload(rule, captured, payload.read(rule.payload), topic)


def within_payload(rule: TopicRule, captured: Captured, value: object, topic: str) -> object:
    """Return the part of a payload that the rule reads, or MISSING."""
    if rule.value_path is not None:
        value = walk(value, rule.value_path)
    elif rule.evaluate is not None:
        value = rule.evaluate({**captured, "topic": topic, "payload": value})
        return MISSING if value is None else value
    return MISSING if value is None and "null" not in rule.values else value


def _severity(rule: TopicRule, value: object, key: Key, before: Before) -> Severity | None:
    """Return the severity of a value; None: the rule has none, it monitors silence or records only."""
    if rule.values:
        severity = rule.values.get(word_of(value), rule.otherwise)
        if severity is None:
            raise NormalizeError(UNKNOWN_VALUE, word_of(value)[:100])
        return severity
    if not rule.thresholds and not rule.record:
        return rule.severity
    number = number_of(value)
    if rule.possible and not rule.possible[0] <= number <= rule.possible[1]:
        raise NormalizeError(IMPLAUSIBLE, f"{number:g}")
    if not rule.thresholds:
        return rule.severity
    has_memory = any(step.hysteresis for step in rule.thresholds)
    level = level_of(number, rule.thresholds, before(key) if has_memory else None)
    return Severity.CLEAR if level is None else level
