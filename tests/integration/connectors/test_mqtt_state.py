"""States: retained messages, silence, births of Sparkplug B."""

import asyncio
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from connectors.mqtt.sparkplug import PAYLOAD, decode
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Severity
from opsconductor.model.normalized import Snapshot
from tests.support.connectors.mqtt_broker import OFFLINE, broker, listening
from tests.support.snmp.trap_listener import until

KEY = ("a", "network_device_offline", "")


@pytest.mark.parametrize("protocol", ["v5", "v3.1.1"])
async def test_thousands_of_retained_states_all_come(tmp_path: Path, protocol: str) -> None:
    """More than the broker queues for a client: it may drop none of them."""
    async with broker(tmp_path) as mosquitto:
        await mosquitto.publish_all(
            ((f"site/d{number}/state", b"offline") for number in range(5_000)), retain=True
        )
        async with listening(tmp_path, mosquitto.port, protocol=protocol) as running:
            await until(lambda: len(running.intake.events) > 5_000)
            assert {device for device, _ in running.reported} == {f"d{number}" for number in range(5_000)}
            assert len(running.reported) == 5_000


async def test_a_retained_problem_opens_its_alert_once(tmp_path: Path) -> None:
    """It is the state: new only while no alert is open. A retained end always ends."""
    async with broker(tmp_path) as mosquitto:
        await mosquitto.publish("site/a/state", "offline", "-r")
        async with listening(tmp_path, mosquitto.port) as first:
            await until(lambda: first.reported == [("a", "major")])
        async with listening(tmp_path, mosquitto.port, open_alerts={KEY: Severity.MAJOR}) as second:
            await mosquitto.publish("site/b/state", "offline")
            await until(lambda: bool(second.reported))
            assert second.reported == [("b", "major")]
            assert second.intake.counts["duplicate", "state_known"] == 1
        await mosquitto.publish("site/a/state", "online", "-r")
        async with listening(tmp_path, mosquitto.port) as third:
            await until(lambda: ("a", "clear") in third.reported)


async def test_a_will_is_news(tmp_path: Path) -> None:
    """The broker reports a device that vanishes without a message."""
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port) as running:
        device = await asyncio.create_subprocess_exec(
            "mosquitto_sub", "-p", str(mosquitto.port), "-t", "x", "--will-topic", "site/a/state",
            "--will-payload", "offline", "--will-qos", "1", "-i", "device-a",
        )  # fmt: skip
        await until(lambda: "device-a" in mosquitto.log())
        device.kill()
        await device.wait()
        await until(lambda: running.reported == [("a", "major")])


async def test_a_deleted_state_ends_what_was_open(tmp_path: Path) -> None:
    """An empty retained payload: the device was renamed or removed."""
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port) as running:
        await mosquitto.publish("site/a/state", "offline", "-r")
        await until(lambda: running.reported == [("a", "major")])
        running.open[KEY] = Severity.MAJOR
        await mosquitto.publish("site/a/state", "", "-r")
        await until(lambda: running.reported == [("a", "major"), ("a", "clear")])


async def test_silence_is_reported_and_ended_by_the_next_message(tmp_path: Path) -> None:
    """A topic that sent once, and one that is named and never sent."""
    rules = [
        {**OFFLINE, "silence": "0.2s"},
        {"topic": "meter", "alert_type": "power_meter", "device": "m", "silence": "0.3s"},
    ]
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port, topics=rules) as running:
        await mosquitto.publish("site/a/state", "online")
        await until(lambda: {("a", "warning"), ("m", "warning")} <= set(running.reported))
        assert ("m", "clear") not in running.reported
        await mosquitto.publish("meter", "1")
        await until(lambda: ("m", "clear") in running.reported)


async def test_silence_goes_on_over_a_restart(tmp_path: Path) -> None:
    """A topic with captures is known after a restart; an open alert is not reported again."""
    rules = [{**OFFLINE, "silence": "1s"}]
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, topics=rules) as first:
            await mosquitto.publish("site/a/state", "online")
            await mosquitto.publish("site/b/state", "online")
            await until(lambda: len(first.reported) >= 2)
        known = {("b", "network_silent", ""): Severity.WARNING}
        async with listening(tmp_path, mosquitto.port, topics=rules, open_alerts=known) as second:
            await until(lambda: second.reported == [("a", "warning")])
            await until(lambda: second.intake.counts["duplicate", "state_known"] == 1)


async def test_a_late_listener_asks_an_edge_node_for_its_birth(tmp_path: Path) -> None:
    """Data without a birth: one request, and after the birth numbers have names."""
    rules = [
        {"preset": "sparkplug"},
        {
            "topic": "spBv1.0/#",
            "payload": "sparkplug",
            "metric": "Load",
            "device": "{node}",
            "alert_type": "power_load_high",
            "title": "{value}",
            "thresholds": [{"severity": "major", "above": 90}],
        },
    ]
    asked: list[bytes] = []
    data = PAYLOAD(seq=1)
    data.metrics.add(alias=1, double_value=95.0)
    birth = PAYLOAD(seq=0)
    birth.metrics.add(name="bdSeq", datatype=8, long_value=1)
    birth.metrics.add(name="Load", alias=1, datatype=10, double_value=95.0)
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port, topics=rules) as running:
        node = paho.Client(CallbackAPIVersion.VERSION2)
        node.on_message = lambda *given: asked.append(given[2].payload)
        node.on_connect = lambda *_: node.subscribe("spBv1.0/plant/NCMD/gw1")
        node.connect("127.0.0.1", mosquitto.port)
        node.loop_start()
        try:
            await until(lambda: mosquitto.log().count("SUBSCRIBE") >= 3)
            await mosquitto.publish("spBv1.0/plant/NDATA/gw1", data.SerializeToString())
            await until(lambda: len(asked) == 1)
            await mosquitto.publish("spBv1.0/plant/NBIRTH/gw1", birth.SerializeToString())
            await until(lambda: running.reported == [("gw1", "clear"), ("gw1", "major")])
        finally:
            node.disconnect()
            node.loop_stop()
    assert decode(asked[0]).metrics[0].name == "Node Control/Rebirth"


async def test_rules_that_are_gone_are_given_up(tmp_path: Path) -> None:
    """The broker keeps our session's subscriptions; the next configuration ends unwanted ones."""
    other = {**OFFLINE, "topic": "other/{device}"}
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, topics=[OFFLINE, other]):
            pass
        async with listening(tmp_path, mosquitto.port, topics=[OFFLINE]) as running:
            await mosquitto.publish("other/a", "offline")
            await mosquitto.publish("site/b/state", "offline")
            await until(lambda: running.reported == [("b", "major")])
            assert running.intake.counts["refused", "no_rule"] == 0
            assert running.intake.counts["received", ""] == 1


async def test_odd_values_of_real_devices_are_read(tmp_path: Path) -> None:
    """A bare nan does not affect other values, a byte order mark is no text, units and commas are numbers."""
    battery = {
        "topic": "awtrix/{device}/stats",
        "path": "$.batteryPercent",
        "alert_type": "power_battery_low",
        "title": "{value}",
        "thresholds": [{"severity": "major", "below": 10}],
    }
    heat = {
        "topic": "site/{device}/temperature",
        "payload": "number",
        "alert_type": "environment_temperature_high",
        "title": "{value}",
        "thresholds": [{"severity": "major", "above": 30}],
    }
    topics = [battery, heat, {"preset": "esphome"}]
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port, topics=topics) as running:
        await mosquitto.publish("awtrix/a1/stats", '{"batteryPercent":5,"temperature":nan}')
        await mosquitto.publish("awtrix/a4/stats", b'\xef\xbb\xbf{"batteryPercent":5}')
        await mosquitto.publish("site/lab/temperature", "36,2 °C")
        await mosquitto.publish("homeassistant/status", "offline")
        await mosquitto.publish("node1/status", "offline")
        await until(lambda: len(running.reported) == 4)
        assert running.reported == [("a1", "major"), ("a4", "major"), ("lab", "major"), ("node1", "major")]


async def test_alerts_of_a_rule_that_is_removed_are_abandoned(tmp_path: Path) -> None:
    """The next configuration names what its rules would not end; what other rules report stays."""
    other = {**OFFLINE, "topic": "other/{device}", "silence": "1h"}
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, topics=[OFFLINE, other]) as running:
            await mosquitto.publish("other/a", "offline")
            await mosquitto.publish("site/b/state", "offline")
            await until(lambda: len(running.reported) == 2)
            reported = [running.source.normalize(event) for event in running.intake.events]
        scopes = {
            alert.device_name: alert.snapshot_scope
            for alerts in reported
            if not isinstance(alerts, Snapshot)
            for alert in alerts
        }
        reachability = next(each.scope for each in reported if isinstance(each, Snapshot))
        async with listening(tmp_path, mosquitto.port, topics=[OFFLINE]) as later:
            known = [*scopes.values(), reachability]
            assert later.source.abandoned(known) == {scopes["a"]}


async def test_an_invalid_payload_is_kept_and_counted_by_the_pipeline(tmp_path: Path) -> None:
    """It becomes an event that cannot be normalized, and is acknowledged like any other."""
    async with broker(tmp_path) as mosquitto:
        topics = [{"preset": "sparkplug"}, {**OFFLINE, "payload": "json"}]
        async with listening(tmp_path, mosquitto.port, topics=topics) as running:
            await mosquitto.publish("spBv1.0/plant/NDATA/gw1", b"\xff\xff")
            await mosquitto.publish("site/a/state", b"\xff\xff")
            await until(lambda: len(running.intake.events) == 3)
            for event, reason in zip(running.intake.events[1:], ["not_sparkplug", "not_text"], strict=True):
                with pytest.raises(DecodeError, match=reason):
                    running.source.normalize(event)
        async with listening(tmp_path, mosquitto.port, topics=topics) as again:
            await mosquitto.publish("site/a/state", '"online"')
            await until(lambda: again.reported == [("a", "clear")])


async def test_a_payload_that_is_too_large_is_not_taken(tmp_path: Path) -> None:
    """With MQTT 3.1.1 the broker sends it all the same; it is counted and acknowledged."""
    async with (
        broker(tmp_path) as mosquitto,
        listening(tmp_path, mosquitto.port, max_payload=1_000, protocol="v3.1.1") as running,
    ):
        await mosquitto.publish("site/a/state", b"x" * 1_001)
        await mosquitto.publish("site/b/state", "offline")
        await until(lambda: running.reported == [("b", "major")])
        assert running.intake.counts["refused", "too_large"] == 1
