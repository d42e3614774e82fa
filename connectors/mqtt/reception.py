"""From messages to raw events: evaluated by the rules, counted, each with its acknowledgement."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from connectors.mqtt.client.deliveries import Acknowledge, Deliveries, Delivery, Message
from connectors.mqtt.evaluate import MqttFinding, RuleBook
from connectors.mqtt.measure import measured
from connectors.mqtt.message import Key, MqttMessage, write
from connectors.mqtt.payload import Payload
from connectors.mqtt.silences import Topic, TopicSilences
from connectors.mqtt.sparkplug_state import MOST_NODES, Births, SparkplugAddress, read_address
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.rejection_words import words_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.limits import BoundedMap
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent

REBIRTH_EVERY_S = 60.0
MOST_KEPT = 200_000
"""Topics whose retained state is remembered during one connection."""
LONGEST_TOPIC = 1_024
"""Characters; longer topics could fill the memory."""
NO_RULE, STATE_KNOWN, TOO_LARGE = "no_rule", "state_known", "too_large"
"""Reasons in the loss ledger: no finding, the state is already known, payload or topic is too large."""


class MqttReceiver:
    """Receives messages for the rules and keeps the state that they need.

    Attributes:
        silences: When each topic last had a message.
        deliveries: Unacknowledged messages.
    """

    def __init__(self, rules: RuleBook, context: ConnectorContext, max_payload: int) -> None:
        self.silences = TopicSilences()
        self.deliveries: Deliveries = context.handover.setdefault("deliveries", Deliveries())
        self._rules = rules
        self._context = context
        self._max_payload = max_payload
        self._births = Births()
        self._kept: dict[str, int] = {}
        self._fresh: list[Delivery] = []
        self._rebirths: set[tuple[str, str]] = set()
        self._asked_s: BoundedMap[tuple[str, str], float] = BoundedMap(MOST_NODES)

    def begin(self, acknowledge: Acknowledge, *, is_resumed: bool) -> None:
        """Switch to a new connection; see `Deliveries.begin`."""
        self._kept.clear()
        self._fresh.clear()
        self.deliveries.begin(acknowledge, is_resumed=is_resumed)

    def take(self, messages: Sequence[Message], now_s: float) -> list[RawEvent]:
        """Return the events of messages; a message without event is acknowledged in order.

        Args:
            now_s: Total seconds connected.
        """
        self._context.count("received", "", len(messages))
        received_at = self._context.now()
        return [event for message in messages for event in self._take(message, received_at, now_s)]

    def note_taken(self) -> None:
        """Mark everything returned by `take` as accepted by the intake."""
        for delivery in self._fresh:
            delivery.is_taken = True
        self._fresh.clear()

    def silent(self, now_s: float) -> list[RawEvent]:
        """Return an event for every topic that has become silent."""
        received_at = self._context.now()
        events: list[RawEvent] = []
        for allowed_s, topic in self.silences.due(now_s):
            self._context.count("received", "silence")
            events += self._evaluate(MqttMessage(topic=topic, silent_s=allowed_s), received_at, None)
        return events

    def take_rebirths(self) -> set[tuple[str, str]]:
        """Return the Sparkplug B edge nodes, group and node, whose birth is to be requested now."""
        asked, self._rebirths = self._rebirths, set()
        return asked

    def _take(self, message: Message, received_at: datetime, now_s: float) -> Iterator[RawEvent]:
        delivery: Delivery | None = None
        if message.qos:
            delivery, reason = self.deliveries.receive(message)
            if reason:
                self._context.count("duplicate", reason)
                return
            self._fresh.append(delivery)
        if len(message.payload) > self._max_payload or len(message.topic) > LONGEST_TOPIC:
            self._drop("refused", TOO_LARGE, delivery)
            words = words_of(TOO_LARGE, f"{len(message.payload):,} bytes")
            self._context.rejected(
                message.topic, TOO_LARGE, explanation=words.explanation, remedy=words.remedy
            )
            return
        if message.is_retained and self._is_kept_twice(message):
            self._drop("duplicate", STATE_KNOWN, delivery)
            return
        try:
            parsed = self._parsed(message, now_s)
        except DecodeError:  # the pipeline raises it again, counts it and keeps the message
            parsed = MqttMessage(message.topic, Payload(message.payload), message.is_retained, message.mid)
        recorded = tuple(measured(self._rules, parsed, received_at))
        if recorded:
            self._context.measure(recorded)
        yield from self._evaluate(parsed, received_at, delivery, is_recorded=bool(recorded))
        self._note_sound(message, now_s)

    def _is_kept_twice(self, message: Message) -> bool:
        """Return True if this connection has delivered the same state before: once for each subscription."""
        checksum = hash(message.payload)
        if self._kept.get(message.topic) == checksum:
            return True
        if len(self._kept) < MOST_KEPT:
            self._kept[message.topic] = checksum
        return False

    def _evaluate(
        self,
        parsed: MqttMessage,
        received_at: datetime,
        delivery: Delivery | None,
        *,
        is_recorded: bool = False,
    ) -> Iterator[RawEvent]:
        before: dict[Key, Severity] = {}

        def look(key: Key) -> Severity | None:
            severity = self._severity_of(key, parsed)
            if severity is not None:
                before[key] = severity
            return severity

        findings: list[MqttFinding] | None = None
        try:
            findings = self._rules.evaluate(parsed, look)
        except (DecodeError, NormalizeError):  # as above
            findings = None
        if findings is not None and not findings:
            is_known = before and (parsed.is_retained or parsed.silent_s)
            if is_recorded and not is_known:
                self._drop("recorded", "", delivery)
            else:
                self._drop(*(("duplicate", STATE_KNOWN) if is_known else ("refused", NO_RULE)), delivery)
            return
        yield RawEvent(
            connector=self._context.name,
            payload=write(parsed, before),
            received_at=received_at,
            local=parsed.topic,
            parsed=findings,
            on_commit=None if delivery is None else partial(self.deliveries.done, delivery),
            keys=b"" if delivery is None else delivery.key,
        )

    def _severity_of(self, key: Key, parsed: MqttMessage) -> Severity | None:
        """Return the severity of an open alert; a silence just reported may not be folded yet."""
        severity = self._context.severity_of(*key)
        if severity is None and not parsed.silent_s:
            for rule, silence in self._rules.silences(parsed.topic):
                assert rule.silence is not None
                if silence == key and self.silences.is_silent((rule.silence.total_seconds(), parsed.topic)):
                    return rule.silence_severity
        return severity

    def _parsed(self, message: Message, now_s: float) -> MqttMessage:
        address = read_address(message.topic)
        if address is not None and any(
            rule.payload == "sparkplug" for rule, _ in self._rules.matching(message.topic)
        ):
            return self._sparkplug(message, address, now_s)
        return MqttMessage(message.topic, Payload(message.payload), message.is_retained, message.mid)

    def _sparkplug(self, message: Message, address: SparkplugAddress, now_s: float) -> MqttMessage:
        report = self._births.take(address, message.payload)
        node = address.group, address.node
        if report.needs_rebirth and now_s >= self._asked_s.get(node, -REBIRTH_EVERY_S) + REBIRTH_EVERY_S:
            self._asked_s[node] = now_s
            self._rebirths.add(node)
        metrics = tuple(
            metric for metric in report.metrics if self._rules.selects(message.topic, metric.name)
        )
        return MqttMessage(
            message.topic,
            is_retained=message.is_retained,
            mid=message.mid,
            births=report.births,
            metrics=metrics,
        )

    def _note_sound(self, message: Message, now_s: float) -> None:
        """Start the silence timer; a retained message makes the topic known but is not a sign of life."""
        for rule, _ in self._rules.silences(message.topic):
            assert rule.silence is not None
            topic: Topic = rule.silence.total_seconds(), message.topic
            if not message.payload:
                self.silences.forget(topic)
            elif message.is_retained:
                self.silences.expect(topic, now_s)
            else:
                self.silences.record(topic, now_s)

    def _drop(self, stage: str, reason: str, delivery: Delivery | None) -> None:
        self._context.count(stage, reason)
        if delivery is not None:
            self.deliveries.done(delivery)
