"""Sparkplug B: births and deaths, aliases, and lost messages."""

import pytest

from connectors.mqtt import sparkplug_state as births_module
from connectors.mqtt.message import Birth
from connectors.mqtt.sparkplug import PAYLOAD, decode, rebirth_request
from connectors.mqtt.sparkplug_state import Births, SparkplugState, read_address
from opsconductor.errors import DecodeError

INT32, DOUBLE, BOOLEAN, STRING = 3, 10, 11, 12


def payload(seq: int | None, *metrics: dict[str, object]) -> bytes:
    """Write a payload as an edge node does."""
    message = PAYLOAD(timestamp=1_767_323_045_000)
    if seq is not None:
        message.seq = seq
    for metric in metrics:
        message.metrics.add(**metric)
    written: bytes = message.SerializeToString()
    return written


def bd_seq(number: int) -> dict[str, object]:
    """Write the number of a birth."""
    return {"name": "bdSeq", "datatype": 8, "long_value": number}


class Plant:
    """One edge node `gw1`, and the results of its messages."""

    def __init__(self) -> None:
        self.births = Births()

    def send(self, kind: str, data: bytes, device: str = "") -> SparkplugState:
        """Take one message."""
        address = read_address(f"spBv1.0/plant/{kind}/gw1" + (f"/{device}" if device else ""))
        assert address is not None
        return self.births.take(address, data)

    def is_born(self, number: int = 1) -> SparkplugState:
        """Take a birth with two metrics, one of them signed."""
        return self.send(
            "NBIRTH",
            payload(
                0,
                bd_seq(number),
                {"name": "Load", "alias": 1, "datatype": DOUBLE, "double_value": 0.5},
                {"name": "Offset", "alias": 2, "datatype": INT32, "int_value": 4_294_967_291},
            ),
        )


def births(state: SparkplugState) -> list[tuple[str, bool]]:
    """List births and deaths: device, empty for the node, and whether it is alive."""
    return [(birth.device, birth.is_online) for birth in state.births]


def values(state: SparkplugState) -> dict[str, object]:
    """List the metrics."""
    return {metric.name: metric.value for metric in state.metrics}


def test_a_birth_names_its_metrics_and_gives_numbers_their_sign() -> None:
    """Minus five travels as 4294967291."""
    state = Plant().is_born()
    assert state.births == (Birth("plant", "gw1", "", is_online=True),)
    assert values(state) == {"bdSeq": 1, "Load": 0.5, "Offset": -5}
    assert not state.needs_rebirth


def test_data_may_name_its_metrics_by_number_alone() -> None:
    """Aliases of the birth are kept, with their datatype."""
    plant = Plant()
    plant.is_born()
    state = plant.send("NDATA", payload(1, {"alias": 2, "int_value": 4_294_967_290}))
    assert values(state) == {"Offset": -6}
    assert not state.needs_rebirth


def test_a_death_takes_all_devices_along() -> None:
    """The will of a node covers its devices; a birth of the node alone brings no device back."""
    plant = Plant()
    plant.is_born()
    plant.send(
        "DBIRTH", payload(1, {"name": "On", "alias": 9, "datatype": BOOLEAN, "boolean_value": True}), "plc2"
    )
    plant.send("DBIRTH", payload(2), "plc1")
    assert births(plant.send("NDEATH", payload(None, bd_seq(1)))) == [
        ("", False),
        ("plc1", False),
        ("plc2", False),
    ]
    assert births(plant.is_born(2)) == [("", True)]
    assert births(plant.send("DBIRTH", payload(1), "plc1")) == [("plc1", True)]


def test_a_death_of_an_earlier_birth_is_no_news() -> None:
    """After a quick reconnect the broker sends the will of the old connection after the new birth."""
    plant = Plant()
    plant.is_born(7)
    assert plant.send("NDEATH", payload(None, bd_seq(6))) == SparkplugState()
    assert births(plant.send("NDEATH", payload(None, bd_seq(7)))) == [("", False)]


def test_a_death_of_an_unknown_node_counts() -> None:
    """A will is never retained, so that it is new even for a late subscriber."""
    assert births(Plant().send("NDEATH", payload(None, bd_seq(3)))) == [("", False)]


def test_a_gap_in_the_numbers_asks_for_a_birth() -> None:
    """Numbers count to 255 and begin again; missing ones are lost, received ones are processed."""
    plant = Plant()
    plant.is_born()
    for seq in range(1, 256):
        assert not plant.send("NDATA", payload(seq)).needs_rebirth
    assert not plant.send("NDATA", payload(0)).needs_rebirth
    lost = plant.send("NDATA", payload(2, {"alias": 1, "double_value": 0.75}))
    assert lost.needs_rebirth
    assert values(lost) == {"Load": 0.75}
    assert not plant.send("NDATA", payload(3)).needs_rebirth


def test_data_without_a_birth_asks_for_one() -> None:
    """Named metrics are processed, aliases alone have no meaning yet."""
    state = Plant().send(
        "NDATA", payload(5, {"alias": 1, "double_value": 1}, {"name": "x", "double_value": 2})
    )
    assert state.needs_rebirth
    assert values(state) == {"x": 2}


def test_data_of_a_device_without_birth_asks_for_one() -> None:
    """The node is born, its device is not."""
    plant = Plant()
    plant.is_born()
    assert plant.send("DDATA", payload(1, {"name": "x", "double_value": 2}), "plc1").needs_rebirth


def test_a_device_dies_alone() -> None:
    """Its node lives on."""
    plant = Plant()
    plant.is_born()
    plant.send("DBIRTH", payload(1), "plc1")
    assert births(plant.send("DDEATH", payload(2), "plc1")) == [("plc1", False)]
    assert births(plant.send("NDEATH", payload(None, bd_seq(1)))) == [("", False)]


def test_what_is_null_historical_or_of_an_unknown_kind_says_nothing() -> None:
    """Data sets and templates are skipped; history is ignored."""
    plant = Plant()
    plant.is_born()
    old = {"alias": 1, "double_value": 9, "is_historical": True}
    data = payload(1, old, {"alias": 2, "is_null": True})
    unknown = b"\x12\x06" + b"\x0a\x01d" + b"\x8a\x01\x00"  # metric "d" with an empty data set (field 17)
    state = plant.send("NDATA", data + unknown)
    assert state.metrics == ()
    assert not state.needs_rebirth


@pytest.mark.parametrize("data", [b"\x08", b"\xff" * 20, b"{}", b"\x12\x05\x0a\xff"])
def test_what_is_no_protobuf_is_counted(data: bytes) -> None:
    """Arbitrary bytes raise only the decoder's own error."""
    with pytest.raises(DecodeError, match="not_sparkplug"):
        decode(data)


@pytest.mark.parametrize(
    "topic",
    [
        "spBv1.0/plant/NCMD/gw1",
        "spBv1.0/STATE/scada",
        "spBv1.0/plant/NDATA/gw1/plc1",
        "spBv1.0/plant/DDATA/gw1",
        "spAv1.0/plant/NDATA/gw1",
        "spBv1.0/plant",
    ],
)
def test_other_topics_are_none_of_births_and_data(topic: str) -> None:
    """Commands, host states and malformed topics are ignored."""
    assert read_address(topic) is None


def test_the_request_for_a_birth_is_what_the_standard_says() -> None:
    """A Boolean `Node Control/Rebirth` that is true."""
    (metric,) = decode(rebirth_request(1)).metrics
    assert (metric.name, metric.value, metric.datatype) == ("Node Control/Rebirth", True, BOOLEAN)


def test_who_makes_up_devices_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a node with too many, those beyond the limit do not die with it."""
    monkeypatch.setattr(births_module, "MOST_DEVICES", 2)
    plant = Plant()
    plant.is_born()
    for number in range(3):
        plant.send("DBIRTH", payload(number + 1), f"d{number}")
    state = plant.send("NDEATH", payload(None, bd_seq(1)))
    assert births(state) == [("", False), ("d0", False), ("d1", False)]
