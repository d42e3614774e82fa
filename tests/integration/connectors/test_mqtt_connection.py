"""Connecting: TLS, passwords, versions, and the messages of failures."""

import asyncio
import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from connectors.mqtt import TYPE
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import Snapshot
from tests.support.certificates import Certificates, make_certificates
from tests.support.connectors.mqtt_broker import OFFLINE, broker, listening
from tests.support.snmp.trap_listener import until

SECURITY = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
ACCESS = {
    "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False},
    "roles": [
        {
            "rolename": "reader",
            "acls": [{"acltype": "subscribePattern", "topic": "other/#", "allow": True}],
        }
    ],
    "groups": [{"groupname": "all", "roles": [{"rolename": "reader"}], "clients": []}],
    "anonymousGroup": "all",
}
"""Lets everybody subscribe below `other`, and nowhere else."""


async def check(folder: Path, **config: Any) -> CheckResult:
    """Press "Test connection"."""
    given = {"host": "127.0.0.1", "topics": [OFFLINE], "connect_timeout": "2s", **config}
    source = TYPE.build(
        TYPE.config.model_validate(given),
        ConnectorContext(
            name="mqtt",
            data_dir=folder,
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=lambda *_, **__: None,
        ),
    )
    result: CheckResult = await source.check()
    return result


def tls_settings(files: Certificates) -> list[str]:
    """Make mosquitto speak TLS and ask for a certificate."""
    return [
        f"cafile {files.ca_file}",
        f"certfile {files.server_file}",
        f"keyfile {files.server_file}",
        "require_certificate true",
    ]


@pytest.mark.parametrize("protocol", ["v5", "v3.1.1"])
async def test_tls_with_our_certificate(tmp_path: Path, protocol: str) -> None:
    """Both sides show a certificate of a private authority; thousands of messages come through."""
    files = make_certificates(tmp_path)
    async with broker(tmp_path, tls=tls_settings(files)) as mosquitto:
        tls = {"ca_file": files.ca_file, "cert_file": files.server_file}
        config = {"host": "localhost", "tls": tls, "protocol": protocol}
        assert (await check(tmp_path, port=mosquitto.tls_port, **config)).ok
        async with listening(tmp_path, mosquitto.tls_port, **config) as running:
            await mosquitto.publish_all((f"site/d{number}/state", b"offline") for number in range(2_000))
            await until(lambda: len(running.reported) == 2_000)


async def test_tls_faults_are_reported(tmp_path: Path) -> None:
    """Each fault names the key to look at."""
    files = make_certificates(tmp_path)
    async with broker(tmp_path, tls=tls_settings(files)) as mosquitto:
        at = {"port": mosquitto.tls_port, "host": "localhost"}
        trusted = {"ca_file": files.ca_file}
        results = {
            "not trusted": await check(tmp_path, **at, tls={}),
            "tls.cert_file": await check(tmp_path, **at, tls=trusted),
            "it may require TLS": await check(tmp_path, **at),
            "check port and tls": await check(tmp_path, host="localhost", port=mosquitto.port, tls=trusted),
            "cert_file /none cannot be used": await check(
                tmp_path, **at, tls={**trusted, "cert_file": "/none"}
            ),
            "ca_file /none cannot be used": await check(tmp_path, **at, tls={"ca_file": "/none"}),
        }
    assert {part: result.ok for part, result in results.items()} == dict.fromkeys(results, False)
    assert [(part, result.message) for part, result in results.items() if part not in result.message] == []


@pytest.mark.parametrize("protocol", ["v5", "v3.1.1"])
async def test_a_wrong_password_is_reported(tmp_path: Path, protocol: str) -> None:
    """The message has the setting to check and never the password."""
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    await asyncio.to_thread(
        subprocess.run, ["mosquitto_passwd", "-b", str(passwords), "noc", "right-one"], check=True
    )
    async with broker(tmp_path, f"password_file {passwords}", "allow_anonymous false") as mosquitto:
        config = {"port": mosquitto.port, "protocol": protocol, "username": "noc"}
        assert (await check(tmp_path, **config, password="right-one")).ok
        wrong = await check(tmp_path, **config, password="wrong-one")
        async with listening(tmp_path, **config, password="wrong-one") as running:
            assert "check username" in running.states[0]
    assert not wrong.ok
    assert "check username" in wrong.message
    assert "wrong-one" not in repr(wrong)


async def test_refused_subscriptions_are_reported(tmp_path: Path) -> None:
    """A broker that refuses some subscriptions, and one that refuses all."""
    access = tmp_path / "access.json"
    access.write_text(json.dumps(ACCESS))
    other = {**OFFLINE, "topic": "other/{device}"}
    async with broker(tmp_path, f"plugin {SECURITY}", f"plugin_opt_config_file {access}") as mosquitto:
        nothing = await check(tmp_path, port=mosquitto.port)
        some = await check(tmp_path, port=mosquitto.port, topics=[OFFLINE, other])
    assert (nothing.ok, some.ok) == (False, False)
    assert "access list" in nothing.message
    assert "site/+/state" in some.message


async def test_a_broker_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """Names, ports, and a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        mute = server.getsockname()[1]
        silent = await check(tmp_path, port=mute, connect_timeout="0.3s")
    assert "does not answer within 0.3 s" in silent.message
    assert "refuses the connection" in (await check(tmp_path, port=mute)).message
    assert "cannot be resolved" in (await check(tmp_path, host="unknown.invalid")).message


async def test_somebody_who_speaks_no_mqtt_is_reported(tmp_path: Path) -> None:
    """A web server on that port is no broker."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        checked = await check(tmp_path, port=server.sockets[0].getsockname()[1])
    assert not checked.ok
    assert "MQTT" in checked.message or "closes the connection" in checked.message


async def test_a_test_leaves_the_running_session_alone(tmp_path: Path) -> None:
    """It connects under a name of its own."""
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port) as running:
        assert (await running.source.check()).ok
        await mosquitto.publish("site/a/state", "offline")
        await until(lambda: running.reported == [("a", "major")])
        assert running.states == ["works"]


async def test_two_under_one_name_are_reported(tmp_path: Path) -> None:
    """This mosquitto cuts the older one off without a word."""
    async with (
        broker(tmp_path) as mosquitto,
        listening(tmp_path, mosquitto.port) as first,
        listening(tmp_path, mosquitto.port),
    ):
        await until(lambda: any("client_id" in state for state in first.states))
        assert first.states[0] == "works"


async def test_a_broker_away_for_long_is_an_alert_until_it_is_back(tmp_path: Path) -> None:
    """Its snapshot has the outage while it lasts, and clears nothing else."""
    async with (
        broker(tmp_path) as mosquitto,
        listening(tmp_path, mosquitto.port, unreachable_after=0) as running,
    ):
        mosquitto.kill()

        def snapshots() -> list[list[str]]:
            reports = [running.source.normalize(event) for event in running.intake.events]
            return [[a.alert_type for a in one.alerts] for one in reports if isinstance(one, Snapshot)]

        await until(lambda: len(snapshots()) == 2)
        await mosquitto.start()
        await until(lambda: len(snapshots()) == 3)
        assert snapshots() == [[], ["application_mqtt_broker_unreachable"], []]


async def test_a_stop_ends_at_once_whatever_is_under_way(tmp_path: Path) -> None:
    """While connecting to a silent server, and while the intake is full."""
    server = socket.create_server(("127.0.0.1", 0))
    config = TYPE.config.model_validate(
        {"host": "127.0.0.1", "port": server.getsockname()[1], "tls": {}, "topics": [OFFLINE]}
    )
    source = TYPE.build(
        config,
        ConnectorContext(
            name="mqtt",
            data_dir=tmp_path,
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=lambda *_, **__: None,
        ),
    )

    async def emit(_: object) -> None:
        await asyncio.sleep(60)

    with server:
        connecting = asyncio.create_task(source.run(emit))
        await asyncio.sleep(0.05)
        connecting.cancel()
        async with asyncio.timeout(4):
            await asyncio.wait([connecting])
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port) as running:
        running.intake.has_room.clear()
        await mosquitto.publish("site/a/state", "offline")
        await until(lambda: running.intake.counts["received", ""] == 1)
        running.task.cancel()
        async with asyncio.timeout(4):
            await asyncio.wait([running.task])
        assert running.intake.counts["dropped", "stopped_while_full"] == 1
    assert connecting.cancelled()
