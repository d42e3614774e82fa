"""The MQTT channel against real mosquitto: notifications, retained states, presence, and failures."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors.mqtt_out import TYPE
from connectors.mqtt_out.channel import MqttOutChannel
from connectors.mqtt_out.config import MqttOutConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.alert import Alert
from opsconductor.model.enums import NotificationKind, Severity, Status
from tests.support.certificates import make_certificates
from tests.support.connectors.mqtt_broker import Broker, Cable, broker
from tests.support.notify.notices import notice
from tests.support.snmp.trap_listener import until
from tests.support.store.stored import an_alert as stored_alert

FACTS = {
    "title": "Link Down",
    "severity": "critical",
    "status": "active",
    "device_name": "core/sw 1",
    "device_ip": "192.0.2.1",
    "site": "Zürich",
    "category": "network",
}
NOTICE = notice(facts=FACTS, recipient="")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass
class Sending:
    """A running channel.

    Attributes:
        alerts: What the engine has open of the device.
        states: What it has reported of itself: empty: works, else why not.
    """

    channel: MqttOutChannel
    alerts: list[Alert]
    states: list[str]


@asynccontextmanager
async def sending(port: int, **config: Any) -> AsyncIterator[Sending]:
    """Run a channel until the end of the context."""
    alerts, states = list[Alert](), list[str]()
    given = {"host": "127.0.0.1", "port": port, "timeout": "5s", **config}
    context = ConnectorContext(
        name="noc-mqtt",
        data_dir=Path("/nowhere"),
        alerts_of=lambda _: tuple(alerts),
        report_up=lambda: states.append(""),
        report_down=lambda error: states.append(str(error)),
    )
    channel = MqttOutChannel(MqttOutConfig.model_validate(given), context)
    working = asyncio.create_task(channel.work())
    await asyncio.sleep(0)
    try:
        await until(lambda: bool(states) or working.done())
        yield Sending(channel, alerts, states)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def read(running: Broker, amount: int, topic: str = "opsconductor/#") -> list[tuple[bool, str, Any]]:
    """Read messages: whether they were retained, topic and payload."""
    process = await asyncio.create_subprocess_exec(
        *(
            "mosquitto_sub",
            "-h",
            "127.0.0.1",
            "-p",
            str(running.port),
            "-q",
            "1",
            "-t",
            topic,
            "-C",
            str(amount),
        ),
        *("-F", "%r %t %p", "-W", "10"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return [_parsed(line) for line in output.decode().splitlines()]


def _parsed(line: str) -> tuple[bool, str, Any]:
    retained, topic, payload = line.split(" ", 2)
    return retained == "1", topic, json.loads(payload) if payload.startswith("{") else payload


def an_alert(severity: Severity, number: int, status: Status = Status.ACTIVE) -> Alert:
    """Make an open alert of the device."""
    return stored_alert(
        id=UUID(int=number), severity=severity, status=status, title=f"alert {number}", occurred_at=AT
    )


async def listened(running: Broker, amount: int, topic: str) -> "asyncio.Task[list[tuple[bool, str, Any]]]":
    """Begin to read, and return once the broker has the subscription."""
    before = running.log().count("Sending SUBACK")
    task = asyncio.create_task(read(running, amount, topic))
    await until(lambda: running.log().count("Sending SUBACK") > before)
    return task


@pytest.mark.parametrize("protocol", ["v5", "v3.1.1"])
async def test_a_notification_is_published_and_confirmed(tmp_path: Path, protocol: str) -> None:
    """JSON with the facts, not retained; the topic has no level from a device."""
    async with broker(tmp_path) as running:
        received = await listened(running, 1, "opsconductor/notifications/#")
        async with sending(running.port, protocol=protocol) as out:
            receipt = await out.channel.send(NOTICE)
        ((is_retained, topic, document),) = await received
    assert (is_retained, topic) == (False, "opsconductor/notifications/critical")
    assert (document["id"], document["kind"], document["version"]) == (str(NOTICE.id), "problem", 1)
    assert document["alert"]["site"] == "Zürich"
    assert "confirmed opsconductor/notifications/critical" in receipt.detail


async def test_a_recipient_is_a_topic_with_safe_values(tmp_path: Path) -> None:
    """Slashes, wildcards and spaces of a device stay within its level."""
    async with broker(tmp_path) as running, sending(running.port) as out:
        received = await listened(running, 1, "sites/#")
        await out.channel.send(replace(NOTICE, recipient="sites/{site}/{device}/{priority}"))
        ((_, topic, _),) = await received
        with pytest.raises(Rejected, match="wildcards"):
            await out.channel.send(replace(NOTICE, recipient="sites/#"))
    assert topic == "sites/Zürich/core_sw_1/none"


async def test_each_device_has_a_retained_state(tmp_path: Path) -> None:
    """The worst open alert and the counts of the engine, then cleared, for later subscribers."""
    async with broker(tmp_path) as running, sending(running.port) as out:
        out.alerts[:] = [
            an_alert(Severity.MINOR, 1),
            an_alert(Severity.CRITICAL, 2, Status.ACKNOWLEDGED),
            an_alert(Severity.CRITICAL, 3, Status.SUPPRESSED),
        ]
        await out.channel.send(NOTICE)
        ((is_retained, topic, state),) = await read(running, 1, "opsconductor/devices/#")
        assert (is_retained, topic) == (True, "opsconductor/devices/core_sw_1/state")
        shown = {name: state[name] for name in ("state", "title", "open", "acknowledged", "suppressed")}
        assert shown == {
            "state": "critical", "title": "alert 2", "open": 2, "acknowledged": 1, "suppressed": 1,
        }  # fmt: skip
        out.alerts[:] = [an_alert(Severity.CRITICAL, 3, Status.SUPPRESSED)]
        over = replace(NOTICE, kind=NotificationKind.RECOVERY, facts={**FACTS, "status": "resolved"})
        await out.channel.send(over)
        ((_, _, state),) = await read(running, 1, "opsconductor/devices/#")
        assert (state["state"], state["open"], state["suppressed"]) == ("suppressed", 0, 1)
        out.alerts.clear()
        await out.channel.send(over)
        ((_, _, state),) = await read(running, 1, "opsconductor/devices/#")
        assert (state["state"], state["open"], state["alert"]) == ("cleared", 0, None)


async def test_presence_is_retained_and_the_last_will_says_offline(tmp_path: Path) -> None:
    """Online while it runs, offline after a stop; without a keepalive the broker publishes the will."""
    async with broker(tmp_path) as running:
        async with sending(running.port) as out:
            assert await read(running, 1, "opsconductor/status") == [(True, "opsconductor/status", "online")]
            will = running.log()
            assert "Will message specified" in will
            assert out.states == [""]
        assert await read(running, 1, "opsconductor/status") == [(True, "opsconductor/status", "offline")]
        assert out.states == [""], "a stop is no failure"


async def test_a_connection_that_breaks_publishes_the_last_will(tmp_path: Path) -> None:
    """As after a kill of the daemon: no DISCONNECT was sent, and the broker says offline."""
    async with broker(tmp_path) as running:
        cable = Cable(running.port)
        async with sending(await cable.lay()):
            assert (await read(running, 1, "opsconductor/status"))[0][2] == "online"
            received = await listened(running, 2, "opsconductor/status")
            await cable.remove()
            assert [payload for _, _, payload in await received] == ["online", "offline"]


async def test_a_broker_that_restarts_is_reconnected(tmp_path: Path) -> None:
    """While it is away, attempts fail temporarily with the reason; afterwards they arrive."""
    async with broker(tmp_path) as running, sending(running.port, timeout="1s") as out:
        await out.channel.send(NOTICE)
        running.kill(signal.SIGKILL)
        await until(lambda: bool(out.states[-1]))
        with pytest.raises(Unreachable, match=r"ended the connection|Connection refused"):
            await out.channel.send(NOTICE)
        await running.start()
        await until(lambda: not out.states[-1])
        await out.channel.send(NOTICE)


# paho leaves the socket of a failed handshake to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_password_and_access_list(tmp_path: Path) -> None:
    """The private authority is trusted, the password is accepted; a topic that is not allowed is retried."""
    certificates = make_certificates(tmp_path)
    (tmp_path / "acl").write_text("user ops\ntopic write allowed/#\ntopic write opsconductor/status\n")
    words = tmp_path / "words"
    making = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", "-c", str(words), "ops", "right")
    await making.wait()
    settings = ["allow_anonymous false", f"password_file {words}", f"acl_file {tmp_path / 'acl'}"]
    tls = [f"certfile {certificates.server_file}", f"keyfile {certificates.server_file}"]
    common = {"host": "localhost", "username": "ops", "state_topic": None, "topic": "allowed/{severity}"}
    trust = {"ca_file": certificates.ca_file}
    async with broker(tmp_path, *settings, tls=tls) as running:
        async with sending(running.tls_port, password="right", tls=trust, **common) as out:
            await out.channel.send(NOTICE)
            with pytest.raises(Unreachable, match="Not authorized; check the broker's access list"):
                await out.channel.send(replace(NOTICE, recipient="forbidden"))
            assert (await out.channel.check()).ok
        async with sending(running.tls_port, password="right", tls={}, **common) as out:
            assert "has a certificate that is not trusted" in out.states[0]
        async with sending(running.tls_port, password="wrong", tls=trust, **common) as out:
            assert "refuses the connection: Not authorized" in out.states[0]


async def test_a_closed_port_is_reported(tmp_path: Path) -> None:
    """The check and an attempt name the reason."""
    async with broker(tmp_path) as running:
        port = running.port
    async with sending(port, timeout="1s") as out:
        assert "cannot be connected: Connection refused" in out.states[0]
        found = await out.channel.check()
        assert (found.ok, "Connection refused" in found.message) == (False, True)
        with pytest.raises(Unreachable, match="Connection refused"):
            await out.channel.send(NOTICE)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"topic": "a/#"}, "wildcards"),
        ({"topic": "a/{colour}"}, "unknown placeholder {colour}"),
        ({"topic": "$SYS/x"}, "belong to the broker"),
        ({"state_topic": "devices/state"}, "a state of its own"),
        ({"status_topic": "status/{device}"}, "without placeholders"),
        ({"host": "mqtt://broker"}, "only a name"),
        ({"password": "x"}, "requires username"),
    ],
)
def test_a_wrong_configuration_says_what_is_expected(config: dict[str, Any], expected: str) -> None:
    """Before anything is connected."""
    with pytest.raises(ValueError, match=expected.replace("{", r"\{").replace("$", r"\$")):
        MqttOutConfig.model_validate({"host": "broker", **config})


def test_the_traits_follow_the_configuration() -> None:
    """With states it keeps something open until the recovery, without it does not."""
    with_states = TYPE.traits_of(MqttOutConfig(host="broker"))
    without = TYPE.traits_of(MqttOutConfig(host="broker", state_topic=None))
    assert (with_states.keeps_open, without.keeps_open, with_states.at_once) == (True, False, 20)
