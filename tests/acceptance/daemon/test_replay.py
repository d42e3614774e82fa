"""Raw events are kept without secrets, and a change can be tried with them without touching anything."""

import asyncio
import json
import socket
from collections import Counter
from contextlib import ExitStack

import asyncpg
import pytest
import yaml

from opsconductor.cli.replay.text import Json
from opsconductor.snmp.message import encode
from tests.acceptance.daemon.test_first_hour import IF_INDEX, LINK_DOWN, LINK_UP
from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running

COMMUNITY = "n0b0dy-m4y-s33-th1s"
PASSWORDS = ("auth-passw0rd-of-a-switch", "priv-passw0rd-of-a-switch")
USER = "switch-user-name"
UNKNOWN = "1.3.6.1.4.1.99999.0.42"
V2C = ("-v2c", "-c", COMMUNITY)
V3 = ("-v3", "-l", "authPriv", "-u", USER, "-a", "SHA", "-A", PASSWORDS[0], "-x", "AES", "-X", PASSWORDS[1])

MAPPING = {
    "oid_pattern": UNKNOWN,
    "alert_type": "power_fuse_blown",
    "category": "power",
    "default_severity": "critical",
    "title_template": "Fuse blown - {device_name}",
}


async def snmptrap(daemon: Daemon, *arguments: str, source: str = "127.0.0.1") -> None:
    """Send a trap with net-snmp's own tool, its version and credentials included."""
    how, what = arguments[:-1], arguments[-1]
    target = (f"--clientaddr={source}", f"127.0.0.1:{daemon.trap_port}")
    process = await asyncio.create_subprocess_exec(
        "snmptrap", *how, *target, *what.split(" "), stderr=asyncio.subprocess.PIPE
    )
    _, remarks = await process.communicate()
    assert process.returncode == 0, remarks.decode()


def port(number: int) -> str:
    """Write the variable with the index of the port."""
    return f"{IF_INDEX}.{number} i {number}"


@pytest.fixture
async def filled(daemon: Daemon, database_url: str) -> Daemon:
    """Provide a daemon, stopped, that has received six traps of all versions from three devices."""
    user = {
        "username": USER,
        "auth_protocol": "SHA",
        "auth_password": PASSWORDS[0],
        "priv_protocol": "AES",
        "priv_password": PASSWORDS[1],
    }
    daemon.write_settings({"database": {"url": database_url}, "engine": {"settle_time": "0s"}})
    daemon.declare("traps", connectors=[daemon.trap_connector(communities=[COMMUNITY], snmpv3_users=[user])])
    daemon.declare(
        "rules",
        connectors=[{"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:9/"}}],
        notification_rules=[{"name": "everything", "channels": [{"channel": "hook"}]}],
    )
    async with running(daemon):
        await snmptrap(daemon, *V2C, f"1 {LINK_DOWN} {port(1)}")
        await snmptrap(daemon, *V2C, f"2 {LINK_DOWN} {port(1)}")
        await snmptrap(daemon, *V2C, f"3 {UNKNOWN} 1.3.6.1.4.1.99999.1 s hello", source="127.0.0.2")
        v1 = f"1.3.6.1.4.1.99999 127.0.0.3 2 0 1 {port(3)}"
        await snmptrap(daemon, "-v1", "-c", COMMUNITY, v1, source="127.0.0.3")
        await snmptrap(daemon, *V3, f"4 {LINK_DOWN} {port(4)}", source="127.0.0.3")
        await daemon.alerts_when(lambda found: len(found) == 4)
        await snmptrap(daemon, *V3, f"5 {LINK_UP} {port(4)}", source="127.0.0.3")
        await daemon.alerts_when(lambda found: "resolved" in {alert["status"] for alert in found})
    return daemon


async def replayed(daemon: Daemon, *arguments: str) -> Json:
    """Replay the last hour; return the document."""
    return dict(json.loads(await daemon.run("replay", "--from", "1h", *arguments, "--json")))


async def snapshot(database_url: str) -> dict[str, list[tuple[object, ...]]]:
    """Record every row of every table with the transaction that wrote it last."""
    connection = await asyncpg.connect(database_url)
    names = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = {
        name: sorted(
            tuple(row)
            for row in await connection.fetch(f"SELECT xmin::text, xmax::text, ctid::text FROM {name}")  # noqa: S608
        )
        for name in (row["relname"] for row in names)
    }
    await connection.close()
    return found


async def test_no_secret_reaches_the_database(filled: Daemon, database_url: str, postgres: Cluster) -> None:
    """Everything is archived; neither community nor passwords nor users are anywhere in the database."""
    del filled
    connection = await asyncpg.connect(database_url)
    kept = await connection.fetch(
        "SELECT peer, payload FROM raw_events WHERE connector = 'snmp_trap' ORDER BY received_at, id"
    )
    await connection.close()
    devices = Counter(row["peer"] for row in kept)
    assert devices == {"127.0.0.1": 2, "127.0.0.2": 1, "127.0.0.3": 3}
    assert b"*" * len(COMMUNITY) in kept[0]["payload"]
    text = postgres.contents(database_url)
    assert "network_link_down" in text
    for secret in (COMMUNITY, *PASSWORDS):
        assert secret not in text
        assert secret.encode().hex() not in text
    assert USER.encode().hex() not in text


async def test_replay_shows_what_has_happened(filled: Daemon) -> None:
    """With the present configuration the replay has the same alerts and the same recipients."""
    shown = await replayed(filled, "--connector", "snmp_trap")
    assert (shown["events"], shown["not_kept"], shown["skipped"]) == (6, 0, [])
    alerts = {(a["device"], a["alert_type"]): (a["alerts"], a["reports"], a["open"]) for a in shown["alerts"]}
    assert alerts == {
        ("127.0.0.1", "network_link_down"): (1, 2, 1),
        ("127.0.0.2", "unknown_trap"): (1, 1, 1),
        ("127.0.0.3", "network_link_down"): (2, 2, 1),
    }
    assert shown["differences"] == []
    sent = {(n["kind"], n["channel"], n["rule"]): (n["replayed"], n["real"]) for n in shown["notifications"]}
    assert sent == {("problem", "hook", "everything"): (4, 4), ("recovery", "hook", "everything"): (1, 1)}
    assert [(u["resource"], u["events"], u["devices"]) for u in shown["unmapped"]] == [
        (UNKNOWN, 1, ["127.0.0.2"])
    ]


async def test_a_change_is_tried_and_nothing_is_touched(filled: Daemon, database_url: str) -> None:
    """With a file on top the replay shows what would be different; no row of any table is written."""
    change = filled.folder / "change.yaml"
    change.write_text(yaml.safe_dump({"oid_mappings": [MAPPING]}))
    before = await snapshot(database_url)
    shown = await replayed(filled, "--provision", str(change))
    text = await filled.run("replay", "--from", "1h", "--provision", str(change))
    assert await snapshot(database_url) == before
    assert shown["plan"] == "1 added, 0 changed, 0 deleted, 0 unchanged"
    assert shown["unmapped"] == []
    assert {(d["fate"], d["device"], d["alert_type"]) for d in shown["differences"]} == {
        ("added", "127.0.0.2", "power_fuse_blown"),
        ("missing", "127.0.0.2", "unknown_trap"),
    }
    assert "+ 127.0.0.2 power_fuse_blown" in text
    assert "- 127.0.0.2 unknown_trap" in text


async def test_a_replay_can_be_narrowed(filled: Daemon) -> None:
    """A device and a connector can be selected; before the archive begins there is nothing."""
    async with running(filled):  # a daemon at work does not mind
        one = await replayed(filled, "--device", "127.0.0.3")
    assert {alert["device"] for alert in one["alerts"]} == {"127.0.0.3"}
    assert [(n["kind"], n["replayed"], n["real"]) for n in one["notifications"]] == [
        ("problem", 2, 2),
        ("recovery", 1, 1),
    ]
    none = await replayed(filled, "--connector", "another")
    assert (none["events"], none["alerts"], none["differences"]) == (0, [], [])
    text = await filled.run("replay", "--from", "3h", "--to", "2h")
    assert "the archive goes from" in text


def storm(daemon: Daemon, senders: list[str], each: int) -> None:
    """Send so many traps from each of some addresses, as fast as possible."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in senders]
        for sock, sender in zip(sockets, senders, strict=True):
            sock.bind((sender, 0))
        for number in range(each):
            variables = encode.notification_varbinds(LINK_DOWN, number, [(f"{IF_INDEX}.7", 2, b"\x07")])
            message = encode.message_v2c(b"public", encode.pdu(encode.TRAP_V2, number, variables))
            for sock in sockets:
                sock.sendto(message, ("127.0.0.1", daemon.trap_port))


async def test_a_storm_is_sampled_and_the_numbers_add_up(daemon: Daemon, database_url: str) -> None:
    """Of a storm each sender's first traps are kept, of the rest samples, and the number of all of them."""
    senders, each, most = [f"127.0.0.{number}" for number in range(1, 5)], 1_000, 50
    archive = {"per_sender_per_minute": most, "per_minute": 100_000}
    daemon.write_settings({"database": {"url": database_url}, "archive": archive})
    sums: list[asyncpg.Record] = []
    async with running(daemon):
        await asyncio.to_thread(storm, daemon, senders, each)
        connection = await asyncpg.connect(database_url)
        async with asyncio.timeout(20):
            while sum(row["kept"] + row["left_out"] for row in sums) < len(senders) * each:
                sums = await connection.fetch(
                    "SELECT peer, count(payload) AS kept, sum(sampled_count) AS left_out, count(*) AS rows "
                    "FROM raw_events WHERE connector = 'snmp_trap' GROUP BY peer ORDER BY peer"
                )
                await asyncio.sleep(0.1)
        await connection.close()
        log = await replayed(daemon, "--connector", "snmp_trap")
    assert [(row["peer"], row["kept"] + row["left_out"]) for row in sums] == [
        (sender, each) for sender in senders
    ]
    assert all(most <= row["kept"] == row["rows"] < each for row in sums)
    assert (log["events"], log["not_kept"]) == tuple(
        sum(row[n] for row in sums) for n in ("kept", "left_out")
    )
    assert log["differences"] == []
