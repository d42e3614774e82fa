"""Numbers of messages, recorded as series; pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from connectors.mqtt.client.broker import address_of
from connectors.mqtt.evaluate import RuleBook, value_of, within_payload
from connectors.mqtt.message import MqttMessage
from connectors.mqtt.payload import Payload, number_of
from connectors.mqtt.rule import TopicRule
from opsconductor.connector.language.path import MISSING
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.measured.measurement import Measurement


def measured(rules: RuleBook, message: MqttMessage, at: datetime) -> Iterator[Measurement]:
    """Yield the numbers of a message that its rules record; what is no number or implausible is left out.

    Args:
        at: Time of receipt.
    """
    if message.is_retained or message.silent_s:
        return
    for rule, captured in rules.matching(message.topic):
        if rule.record is None:
            continue
        if rule.payload == "sparkplug":
            for metric in message.metrics:
                if fnmatchcase(metric.name, rule.metric or "*"):
                    names = {"group": metric.group, "node": metric.node, "device": metric.device}
                    known = {**captured, **names, "metric": metric.name}
                    yield from _measured(rules, rule, known, (message, metric.value, None), at)
        elif message.payload is not None and message.payload.data:
            yield from _measured(rules, rule, captured, (message, MISSING, message.payload), at)


def _measured(
    rules: RuleBook,
    rule: TopicRule,
    captured: Mapping[str, str],
    content: tuple[MqttMessage, object, Payload | None],
    at: datetime,
) -> Iterator[Measurement]:
    """Yield the number of a rule, if there is one.

    Args:
        content: The message, and either the value of a metric or the payload.
    """
    message, given, payload = content
    record = rule.record
    assert record is not None
    try:
        if payload is None:
            value = within_payload(rule, captured, given, message.topic)
        else:
            value = value_of(rule, captured, payload, message.topic)
        number = None if value is MISSING else number_of(value)
        place = rules.place_of(rule, captured, value, payload)
    except (DecodeError, NormalizeError):
        return  # the evaluation of the message counts it
    if number is None or (rule.possible and not rule.possible[0] <= number <= rule.possible[1]):
        return
    device, resource = place
    address = address_of(device)
    yield Measurement(
        metric=record.metric,
        value=float(number),
        at=at,
        device_ip=address,
        device_name=None if address else device,
        resource=resource,
        unit=record.unit,
        kind=record.kind,
    )
