"""What was heard of a topic, and the document in which it goes to the intake and into the archive."""

import base64
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.mqtt.payload import Payload
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity

NOT_A_DOCUMENT = "not_a_document"
"""Reason of DecodeError: the archive holds something that we never wrote."""

WRITER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)

Key = tuple[str, str, str]
"""Device, alert type and resource."""


class Birth(NamedTuple):
    """An edge node of Sparkplug B (`device` empty), or a device behind it, is there or gone."""

    group: str
    node: str
    device: str
    is_online: bool


class Metric(NamedTuple):
    """A value that an edge node of Sparkplug B reports."""

    group: str
    node: str
    device: str
    name: str
    value: object


class MqttMessage(NamedTuple):
    """One message, or one silence, with everything that a rule may need to know.

    Attributes:
        payload: None: it is silence, or Sparkplug B.
        is_retained: It is what the broker keeps, and no news.
        mid: Number of the message on its connection; 0 for QoS 0.
        births: What a message of Sparkplug B says of births and deaths.
        silent_s: Seconds without a message; 0: this is one.
    """

    topic: str
    payload: Payload | None = None
    is_retained: bool = False
    mid: int = 0
    births: tuple[Birth, ...] = ()
    metrics: tuple[Metric, ...] = ()
    silent_s: float = 0


def write(heard: MqttMessage, before: Mapping[Key, Severity]) -> bytes:
    """Write the document.

    Args:
        before: How bad the open alerts were that decided what the message means.
    """
    told: dict[str, object] = {"topic": heard.topic}
    if heard.payload is not None:
        try:
            told["payload"] = heard.payload.text
        except DecodeError:
            told["payload_base64"] = base64.b64encode(heard.payload.data).decode()
    if heard.is_retained:
        told["retain"] = True
    if heard.mid:
        told["mid"] = heard.mid
    if heard.births or heard.metrics:
        told["sparkplug"] = {"births": heard.births, "metrics": heard.metrics}
    if heard.silent_s:
        told["silent_s"] = heard.silent_s
    if before:
        told["before"] = [[*key, severity] for key, severity in before.items()]
    return WRITER.encode(told).encode("utf-8", "surrogatepass")


def read(data: bytes) -> tuple[MqttMessage, Mapping[Key, Severity]]:
    """Read a document; raises DecodeError for what `write` never wrote."""
    try:
        told = json.loads(data.decode("utf-8", "surrogatepass"))
        if not isinstance(told, dict):
            raise DecodeError(NOT_A_DOCUMENT)
        return _read(told)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DecodeError(NOT_A_DOCUMENT, str(error)[:100]) from None


def _read(told: Mapping[str, Any]) -> tuple[MqttMessage, Mapping[Key, Severity]]:
    if not isinstance(told["topic"], str):
        raise TypeError("a topic is a text")
    payload = None
    if "payload" in told:
        payload = Payload(told["payload"].encode("utf-8", "surrogatepass"))
    elif "payload_base64" in told:
        payload = Payload(base64.b64decode(told["payload_base64"]))
    sparkplug = told.get("sparkplug", {})
    heard = MqttMessage(
        topic=told["topic"],
        payload=payload,
        is_retained=told.get("retain", False),
        mid=told.get("mid", 0),
        births=tuple(Birth(*birth) for birth in sparkplug.get("births", ())),
        metrics=tuple(Metric(*metric) for metric in sparkplug.get("metrics", ())),
        silent_s=told.get("silent_s", 0),
    )
    before = {(device, kind, resource): Severity(s) for device, kind, resource, s in told.get("before", ())}
    return heard, before
