"""The memory of the reception for senders."""

from pathlib import Path

import pytest

from connectors.mqtt import reception as reception_module
from connectors.mqtt.client.deliveries import Message
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.evaluate import RuleBook
from connectors.mqtt.reception import MqttReceiver
from connectors.mqtt.sparkplug import PAYLOAD
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.mappings.table import MappingTable


def reception_of(counted: list[tuple[object, ...]]) -> MqttReceiver:
    """Make a reception that subscribes to Sparkplug B."""
    config = MqttConfig.model_validate({"host": "192.0.2.1", "topics": [{"preset": "sparkplug"}]})
    context = ConnectorContext(
        name="m",
        data_dir=Path("/"),
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *what, **_: counted.append(what),
    )
    return MqttReceiver(RuleBook(config.rules, config.host), context, config.max_payload)


def asked(reception: MqttReceiver, node: str, now_s: float) -> set[tuple[str, str]]:
    """Make an unknown node send data; return which node is asked for its birth."""
    data: bytes = PAYLOAD(seq=5).SerializeToString()
    reception.take([Message(f"spBv1.0/plant/NDATA/{node}", data)], now_s)
    return reception.take_rebirths()


def test_who_makes_up_nodes_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node is asked once a minute; when too many have been asked, the first is forgotten."""
    monkeypatch.setattr(reception_module, "MOST_NODES", 2)
    reception = reception_of([])
    assert asked(reception, "a", 0.0) == {("plant", "a")}
    assert asked(reception, "a", 1.0) == set()
    asked(reception, "b", 2.0)
    asked(reception, "c", 3.0)
    assert asked(reception, "c", 4.0) == set()
    assert asked(reception, "a", 5.0) == {("plant", "a")}


def test_a_topic_that_is_too_long_is_counted_and_acknowledged() -> None:
    """It is not remembered, retained or not."""
    counted: list[tuple[object, ...]] = []
    acknowledged: list[int] = []
    reception = reception_of(counted)
    reception.begin(acknowledged.append, is_resumed=False)
    topic = "spBv1.0/plant/NDATA/" + "n" * 60_000
    assert reception.take([Message(topic, b"x", qos=1, is_retained=True, mid=7)], 0.0) == []
    assert ("refused", "too_large") in [what[:2] for what in counted]
    assert acknowledged == [7]
    assert reception.take_rebirths() == set()
