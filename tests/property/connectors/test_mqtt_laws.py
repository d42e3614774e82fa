"""Laws of the MQTT source: hostile messages are harmless, and the archive is read like the network."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mqtt.client.deliveries import Message
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.evaluate import RuleBook
from connectors.mqtt.normalize import normalize
from connectors.mqtt.reception import MqttReceiver
from connectors.mqtt.sparkplug import PAYLOAD, decode
from connectors.mqtt.topic import TopicPattern, covers
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable

PRESETS = ("zigbee2mqtt", "zigbee2mqtt-sensors", "tasmota", "shelly", "shelly2", "eaton", "sparkplug")
RULES = [
    *({"preset": name} for name in PRESETS),
    {
        "topic": "{device}/x",
        "expression": "payload.a * 2 + payload.b[0]",
        "alert_type": "power_x",
        "title": "{value} {payload.name} {device_name}",
        "resource": "{payload.b}",
        "thresholds": [{"severity": "major", "above": 5, "hysteresis": 1}],
    },
    {
        "topic": "spBv1.0/#",
        "payload": "sparkplug",
        "metric": "*",
        "device": "{node}",
        "resource": "{metric}",
        "alert_type": "power_y",
        "title": "{value}",
        "otherwise": "warning",
        "values": {"1": "clear"},
        "silence": "5m",
    },
]
CONFIG = MqttConfig.model_validate({"host": "192.0.2.1", "topics": RULES})
NOW = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = [
    "offline",
    "online",
    "true",
    "1",
    "",
    "null",
    '{"state":"offline"}',
    '{"a":9,"b":[1],"name":"\\ud800"}',
]
TOPICS = [
    "zigbee2mqtt/a/availability",
    "zigbee2mqtt/bridge/state",
    "tele/a/LWT",
    "shellies/a/online",
    "a/online",
    "a/status/switch:0",
    "a/x",
    "spBv1.0/g/NBIRTH/n",
    "spBv1.0/g/NDEATH/n",
    "spBv1.0/g/DDATA/n/d",
    "spBv1.0/STATE/h",
    "mbdetnrs/1.0/powerDistributions/1/status",
    "mbdetnrs/1.0/sensors/devices/s/channels/temperatures/1/measure",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["state", "a", "b", "battery", "errors", "id", "mode", "current", "online"]),
            inner,
        )
    ),
    max_leaves=8,
)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Draw bytes: words that rules know, documents with keys they know, Sparkplug B, or anything."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.sampled_from(WORDS)).encode()
    if kind == 1:
        return json.dumps(draw(JSON)).encode()
    if kind == 2:
        return sparkplug(draw(st.lists(st.tuples(st.text(max_size=4), st.integers(0, 9)), max_size=3)))
    return draw(st.binary(max_size=60))


def sparkplug(metrics: list[tuple[str, int]]) -> bytes:
    """Write a payload with some metrics."""
    payload = PAYLOAD(seq=len(metrics))
    for name, number in metrics:
        payload.metrics.add(name=name or None, alias=number, datatype=number, int_value=2**32 - 1 - number)
    written: bytes = payload.SerializeToString()
    return written


MESSAGES = st.builds(
    Message,
    st.sampled_from(TOPICS) | st.text(max_size=20),
    payloads(),
    qos=st.sampled_from([0, 1]),
    is_retained=st.booleans(),
    is_duplicate=st.booleans(),
    mid=st.integers(1, 5),
)


@given(messages=st.lists(MESSAGES, max_size=12), is_open=st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_message_is_accounted_for_and_read_from_the_archive_as_from_the_network(
    messages: list[Message], *, is_open: bool
) -> None:
    """None raises; each is counted, or an event of the engine's time that reads the same everywhere."""
    counted: dict[str, int] = {}

    def count(stage: str, reason: str = "", amount: int = 1) -> None:
        del reason
        counted[stage] = counted.get(stage, 0) + amount

    book = RuleBook(CONFIG.rules, CONFIG.host)
    reception = MqttReceiver(
        book,
        ConnectorContext(
            name="m",
            data_dir=Path("/"),
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=count,
            now=lambda: NOW,
            severity_of=lambda *_: Severity.MAJOR if is_open else None,
        ),
        CONFIG.max_payload,
    )
    acknowledged: list[int] = []
    reception.begin(acknowledged.append, is_resumed=False)
    events = reception.take(messages, 0.0)
    assert counted.get("received", 0) == len(messages)
    ended = len(events) + counted.get("refused", 0) + counted.get("duplicate", 0)
    assert ended == len(messages)
    for event in events:
        assert event.received_at == NOW
        assert normalized(event, book) == normalized(event._replace(parsed=None), book)
        if event.on_commit is not None:
            event.on_commit()
    assert acknowledged == [message.mid for message in messages if message.qos]


def normalized(event: RawEvent, book: RuleBook) -> object:
    """Normalize an event; return the reason where that fails."""
    try:
        alerts = normalize(event, book)
    except (DecodeError, NormalizeError) as error:
        return error.reason
    assert isinstance(alerts, list)
    return [alert._replace(raw_data=alert.raw_data()) for alert in alerts]


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_the_decoders_own_error(data: bytes) -> None:
    """Of Sparkplug B: any payload that is read has texts for names."""
    with suppress(DecodeError):
        assert all(isinstance(metric.name, str) for metric in decode(data).metrics)


LEVELS = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=3)
FILTERS = st.builds(lambda levels, tail: "/".join([*levels, *tail]), LEVELS, st.sampled_from([[], ["#"]]))


@given(wide=FILTERS, narrow=FILTERS, topic=st.lists(st.sampled_from("abc"), min_size=1, max_size=4))
@settings(max_examples=300)
def test_a_filter_that_covers_another_misses_nothing(wide: str, narrow: str, topic: list[str]) -> None:
    """Whatever the narrow one matches the wide one matches."""
    name = "/".join(topic)
    if covers(wide, narrow) and TopicPattern(narrow).match(name) is not None:
        assert TopicPattern(wide).match(name) is not None
