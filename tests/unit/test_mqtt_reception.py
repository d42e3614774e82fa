"""What the reception remembers of those who speak."""

from pathlib import Path

import pytest

from connectors.mqtt import reception as reception_module
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.deliveries import Message
from connectors.mqtt.judge import RuleBook
from connectors.mqtt.reception import Reception
from connectors.mqtt.sparkplug import PAYLOAD
from opsconductor.connector.interface import Surroundings
from opsconductor.model.mapping_table import MappingTable


def asked(reception: Reception, node: str, now_s: float) -> set[tuple[str, str]]:
    """Let a node send data of which nothing is known; tell who is asked for its birth."""
    data: bytes = PAYLOAD(seq=5).SerializeToString()
    reception.take([Message(f"spBv1.0/plant/NDATA/{node}", data)], now_s)
    return reception.take_rebirths()


def test_who_makes_up_nodes_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node is asked once a minute; when too many have been asked, the first is forgotten."""
    monkeypatch.setattr(reception_module, "MOST_NODES", 2)
    config = MqttConfig.model_validate({"host": "192.0.2.1", "topics": [{"preset": "sparkplug"}]})
    surroundings = Surroundings(
        name="m",
        data_dir=Path("/"),
        mappings=lambda: MappingTable([]),
        vendor_of=lambda _: None,
        count=lambda *_, **__: None,
    )
    reception = Reception(RuleBook(config.rules, config.host), surroundings, config.max_payload)
    assert asked(reception, "a", 0.0) == {("plant", "a")}
    assert asked(reception, "a", 1.0) == set()
    asked(reception, "b", 2.0)
    asked(reception, "c", 3.0)
    assert asked(reception, "c", 4.0) == set()
    assert asked(reception, "a", 5.0) == {("plant", "a")}
