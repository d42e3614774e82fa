"""A received message or a silence, and its document for the intake and the archive."""

import base64
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.mqtt.payload import Payload
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity

NOT_A_DOCUMENT = "not_a_document"
"""Reason of DecodeError: the archived event was not written by this connector."""

WRITER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)

Key = tuple[str, str, str]
"""Device, alert type and resource."""


class Birth(NamedTuple):
    """Birth or death of a Sparkplug B edge node (`device` empty), or of a device behind it."""

    group: str
    node: str
    device: str
    is_online: bool


class Metric(NamedTuple):
    """A value reported by a Sparkplug B edge node."""

    group: str
    node: str
    device: str
    name: str
    value: object


class MqttMessage(NamedTuple):
    """One message, or one silence, with everything that rules may need.

    Attributes:
        payload: None: silence, or Sparkplug B.
        is_retained: It is a retained message, not a new one.
        mid: Packet identifier on its connection; 0 for QoS 0.
        births: Births and deaths in a Sparkplug B message.
        silent_s: Seconds without a message; 0: this is a message.
    """

    topic: str
    payload: Payload | None = None
    is_retained: bool = False
    mid: int = 0
    births: tuple[Birth, ...] = ()
    metrics: tuple[Metric, ...] = ()
    silent_s: float = 0


def write(message: MqttMessage, before: Mapping[Key, Severity]) -> bytes:
    """Return the document.

    Args:
        before: Severities of the open alerts that affected the evaluation.
    """
    document: dict[str, object] = {"topic": message.topic}
    if message.payload is not None:
        try:
            document["payload"] = message.payload.text
        except DecodeError:
            document["payload_base64"] = base64.b64encode(message.payload.data).decode()
    if message.is_retained:
        document["retain"] = True
    if message.mid:
        document["mid"] = message.mid
    if message.births or message.metrics:
        document["sparkplug"] = {"births": message.births, "metrics": message.metrics}
    if message.silent_s:
        document["silent_s"] = message.silent_s
    if before:
        document["before"] = [[*key, severity] for key, severity in before.items()]
    return WRITER.encode(document).encode("utf-8", "surrogatepass")


def read(data: bytes) -> tuple[MqttMessage, Mapping[Key, Severity]]:
    """Parse a document; raises DecodeError for anything not produced by `write`."""
    try:
        document = json.loads(data.decode("utf-8", "surrogatepass"))
        if not isinstance(document, dict):
            raise DecodeError(NOT_A_DOCUMENT)
        return _read(document)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DecodeError(NOT_A_DOCUMENT, str(error)[:100]) from None


def _read(document: Mapping[str, Any]) -> tuple[MqttMessage, Mapping[Key, Severity]]:
    if not isinstance(document["topic"], str):
        raise TypeError("a topic is a text")
    payload = None
    if "payload" in document:
        payload = Payload(document["payload"].encode("utf-8", "surrogatepass"))
    elif "payload_base64" in document:
        payload = Payload(base64.b64decode(document["payload_base64"]))
    sparkplug = document.get("sparkplug", {})
    message = MqttMessage(
        topic=document["topic"],
        payload=payload,
        is_retained=document.get("retain", False),
        mid=document.get("mid", 0),
        births=tuple(Birth(*birth) for birth in sparkplug.get("births", ())),
        metrics=tuple(Metric(*metric) for metric in sparkplug.get("metrics", ())),
        silent_s=document.get("silent_s", 0),
    )
    before = {
        (device, kind, resource): Severity(s) for device, kind, resource, s in document.get("before", ())
    }
    return message, before
