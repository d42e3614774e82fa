"""Values that sources record as series: their device and resource, and which are left out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.eaton.measure import UNITS
from connectors.eaton.measure import measured as eaton_measured
from connectors.eaton.mibs import MIB_OF
from connectors.mqtt.client.deliveries import Message
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.evaluate import RuleBook
from connectors.mqtt.reception import MqttReceiver
from connectors.snmp_poll.definition import CheckDefinition, built_in_checks
from connectors.snmp_poll.measure import measured
from connectors.snmp_poll.reading import PolledSample
from connectors.webhook_in import TYPE as WEBHOOK_IN
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.measured.measurement import Measurement, SeriesKind
from tests.support.api.webhook_posts import TOKEN, alerts_of, post

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
GIGABIT = {"ifType": 6, "ifHighSpeed": 1000}
LOOPBACK = {"ifType": 24, "ifHighSpeed": 1000}
MESSAGE = {"temperature": 21.5, "battery": 80}


def recorded_of(check: CheckDefinition, *samples: PolledSample) -> list[Measurement]:
    """Return what a check records of the last of some samples."""
    before = samples[-2] if len(samples) > 1 else None
    return list(measured(check, samples[-1], before, address="192.0.2.1", name="sw1", at=AT))


def shown(recorded: Sequence[Measurement]) -> list[tuple[str, str, float, str]]:
    """Return metric, resource, value and unit of each."""
    return [(each.metric, each.resource, round(each.value, 6), each.unit) for each in recorded]


def ports_at(at_s: float, octets: int) -> PolledSample:
    """Return the counters of an Ethernet port and a loopback."""
    counters = {"ifHCInOctets": octets, "ifHCOutOctets": 2 * octets, "ifInErrors": 7, "ifOutErrors": 0}
    return PolledSample(rows={"1": {**GIGABIT, **counters}, "2": {**LOOPBACK, **counters}}, at_s=at_s)


def test_a_poll_records_traffic_of_real_ports_in_bits_per_second() -> None:
    """The rate is that since the poll before; of the loopback nothing is recorded."""
    check = built_in_checks()["interface_load"]
    found = recorded_of(check, ports_at(100.0, 1_000), ports_at(160.0, 61_000))
    assert sorted(shown(found)) == [
        ("in_errors", "ifIndex=1/in", 0.0, "errors/s"),
        ("in_traffic", "ifIndex=1", 8_000.0, "bit/s"),
        ("out_errors", "ifIndex=1/out", 0.0, "errors/s"),
        ("out_traffic", "ifIndex=1", 16_000.0, "bit/s"),
    ]
    assert {(each.device_ip, each.device_name, each.at) for each in found} == {("192.0.2.1", "sw1", AT)}


def test_a_counter_that_went_back_records_no_rate() -> None:
    """After a restart of the device, or without a poll before, the traffic is unknown, not zero."""
    check = built_in_checks()["interface_load"]
    assert recorded_of(check, ports_at(100.0, 1_000)) == []
    went_back = recorded_of(check, ports_at(100.0, 61_000), ports_at(160.0, 1_000))
    assert [each.metric for each in went_back] == ["in_errors", "out_errors"]


def test_sensors_are_recorded_by_type_in_their_unit() -> None:
    """ENTITY-SENSOR-MIB: scale and precision count; a sensor that does not work records nothing."""
    check = built_in_checks()["sensors"]
    celsius = {"entPhySensorType": 8, "entPhySensorScale": 9, "entPhySensorPrecision": 1}
    volts = {"entPhySensorType": 4, "entPhySensorScale": 8, "entPhySensorPrecision": 0}
    rows: dict[str, dict[str, int | float | str]] = {
        "10": {**celsius, "entPhySensorValue": 415, "entPhySensorOperStatus": 1},
        "11": {**volts, "entPhySensorValue": 3_300, "entPhySensorOperStatus": 1},
        "12": {**volts, "entPhySensorValue": 5_000, "entPhySensorOperStatus": 3},
        "13": {**celsius, "entPhySensorValue": 99_999, "entPhySensorOperStatus": 1},
    }
    assert shown(recorded_of(check, PolledSample(rows=rows, at_s=1.0))) == [
        ("temperature", "entPhysicalIndex=10", 41.5, "°C"),
        ("voltage", "entPhysicalIndex=11", 3.3, "V"),
    ]


def test_every_percentage_and_temperature_with_a_threshold_is_recorded() -> None:
    """No built-in rule compares a number of this kind that is not shown afterwards."""
    rules = [rule for check in built_in_checks().values() for rule in check.rules if rule.value]
    unrecorded = {rule.alert_type for rule in rules if rule.record is None}
    assert unrecorded == {"network_link_utilization"}, "recorded as in_traffic and out_traffic"


def test_a_check_may_only_record() -> None:
    """An own check needs no rule; a counter keeps its kind."""
    check = CheckDefinition.model_validate({
        "name": "pages",
        "scalars": {"pages": "1.3.6.1.2.1.43.10.2.1.4.1.1"},
        "measures": [{"record": {"metric": "pages", "kind": "counter"}, "value": "pages"}],
    })  # fmt: skip
    (found,) = recorded_of(check, PolledSample(scalars={"pages": 1_234}, at_s=1.0))
    assert (found.metric, found.value, found.kind) == ("pages", 1_234.0, SeriesKind.COUNTER)
    with pytest.raises(ValidationError, match="rules or measures"):
        CheckDefinition.model_validate({"name": "none", "scalars": {"pages": "1.3.6.1.2.1.43.1"}})
    with pytest.raises(ValidationError, match="which is not read"):
        CheckDefinition.model_validate({
            "name": "typo",
            "scalars": {"pages": "1.3.6.1.2.1.43.1"},
            "measures": [{"record": {"metric": "pages"}, "value": "page"}],
        })  # fmt: skip


def test_a_ups_records_its_numbers() -> None:
    """The unit is that of the number's name; sensors beside the UPS are resources, as in their alerts."""
    numbers = {"battery_capacity_percent": 97.0, "battery_runtime_s": 1_800.0, "remote_temperature_c": 23.5}
    assert shown(list(eaton_measured({"measures": numbers}, "192.0.2.7", "ups", AT))) == [
        ("battery_capacity", "", 97.0, "%"),
        ("battery_runtime", "", 1_800.0, "s"),
        ("temperature", "sensor=remote", 23.5, "°C"),
    ]


def test_every_number_of_a_ups_has_a_unit() -> None:
    """No object that the connector reads lacks a unit."""
    names = {name for mib in MIB_OF.values() for name in (*mib.measures, *mib.columns)}
    assert {name.rpartition("_")[2] for name in names} <= UNITS.keys()


def results_of(
    rule: dict[str, Any], *messages: Message
) -> tuple[list[Measurement], list[tuple[object, ...]]]:
    """Return the values that a rule of MQTT records from messages, and the counts."""
    config = MqttConfig.model_validate({"host": "192.0.2.9", "topics": [rule]})
    recorded: list[Measurement] = []
    counted: list[tuple[object, ...]] = []
    context = ConnectorContext(
        name="m",
        data_dir=Path("/"),
        now=lambda: AT,
        count=lambda stage, reason="", amount=1: counted.append((stage, reason, amount)),
        measure=recorded.extend,
    )
    reception = MqttReceiver(RuleBook(config.rules, config.host), context, config.max_payload)
    reception.begin(lambda _: None, is_resumed=False)
    reception.take(messages, 0.0)
    return recorded, counted


ROOM = {
    "topic": "rooms/{device}",
    "path": "$.temperature",
    "record": {"metric": "temperature", "unit": "°C"},
    "possible": [-40, 85],
}


def test_a_topic_rule_may_only_record_a_number() -> None:
    """The message is counted as recorded, so the ledger adds up, and acknowledged without an alert type."""
    recorded, counted = results_of(ROOM, Message("rooms/lab", json.dumps(MESSAGE).encode(), qos=1, mid=3))
    assert [(each.device_name, each.value) for each in recorded] == [("lab", 21.5)]
    assert shown(recorded) == [("temperature", "", 21.5, "°C")]
    assert ("recorded", "", 1) in counted


def test_what_is_old_no_number_or_implausible_is_not_recorded() -> None:
    """A retained message has no time of its own; a text and a placeholder are no values."""
    recorded, _ = results_of(
        ROOM,
        Message("rooms/lab", b'{"temperature": 20}', is_retained=True),
        Message("rooms/lab", b'{"temperature": "warm"}'),
        Message("rooms/lab", b'{"temperature": 999}'),
        Message("rooms/lab", b"not json"),
        Message("rooms/lab", b'{"battery": 80}'),
    )
    assert recorded == []


def test_a_number_with_thresholds_is_recorded_as_well() -> None:
    """The rule decides an alert and records; Sparkplug rules about births cannot record."""
    rule = {
        **ROOM,
        "alert_type": "environment_temperature_high",
        "title": "Warm",
        "thresholds": [{"severity": "warning", "above": 30}],
    }
    recorded, counted = results_of(rule, Message("rooms/lab", b'{"temperature": 35}'))
    assert [each.value for each in recorded] == [35.0]
    assert "recorded" not in [stage for stage, *_ in counted]
    with pytest.raises(ValidationError, match="alert_type is required"):
        MqttConfig.model_validate({"host": "h", "topics": [{**ROOM, "silence": "5m"}]})


async def test_a_post_records_the_numbers_of_its_alerts_once() -> None:
    """A repeated post, an unreadable number and an alert without device record nothing."""
    recorded: list[Measurement] = []
    config = WEBHOOK_IN.config.model_validate({
        "format": "json",
        "token": TOKEN,
        "idempotency_key": "$.id",
        "mapping": {
            "items": "$.rooms",
            "device": "$.room",
            "alert_type": "environment_temperature",
            "resource": "$.sensor",
            "occurred_at": "$.at",
            "measures": [
                {"record": {"metric": "temperature", "unit": "°C"}, "value": "$.temperature"},
                {"record": {"metric": "humidity", "unit": "%"}, "value": "$.humidity", "resource": "air"},
            ],
        },
    })  # fmt: skip
    context = ConnectorContext(name="hook", data_dir=Path("/"), measure=recorded.extend)
    source = WEBHOOK_IN.build(config, context)
    assert isinstance(source, WebhookInSource)
    lab = {"room": "lab", "sensor": "s1", "at": AT.isoformat(), "temperature": "22.5", "humidity": 40}
    body = {"id": "7", "rooms": [lab, {**lab, "room": ""}, {**lab, "temperature": "nan", "humidity": None}]}
    taken = await source.receive(post(body))
    assert shown(recorded) == [
        ("temperature", "s1", 22.5, "°C"),
        ("humidity", "air", 40.0, "%"),
    ]
    assert {(each.device_name, each.at) for each in recorded} == {("lab", AT)}
    assert len(await alerts_of(source, taken)) == 3, "what is recorded is an alert as before"
