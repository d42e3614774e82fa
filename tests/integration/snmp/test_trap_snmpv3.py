"""SNMPv3 traps from net-snmp and pysnmp: every protocol, no configured engine ID, and refusals."""

import asyncio
import socket
import sys
from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from tests.support.snmp.trap_listener import LINK_DOWN, Ended, NetSnmp, gathered, listening, until

PYSNMP_SENDER = str(Path(__file__).parents[2] / "support" / "snmp" / "pysnmp_sender.py")
AUTH, PRIV = "authentic pass", "private pass"
AUTH_PROTOCOLS = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
PRIV_PROTOCOLS = ["DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]
USER = {"username": "noc", "auth_protocol": "SHA", "auth_password": AUTH}
USER_WITH_PRIV = {**USER, "priv_protocol": "AES", "priv_password": PRIV}


def options(
    user: str, auth: str | None = "SHA", priv: str | None = None, *, password: str = AUTH
) -> list[str]:
    """Write a user as options of net-snmp."""
    level = "authPriv" if priv else "authNoPriv" if auth else "noAuthNoPriv"
    protocols = ["-a", auth, "-A", password] if auth else []
    protocols += ["-x", priv, "-X", PRIV] if priv else []
    return ["-v3", "-u", user, "-l", level, *protocols]


def user_entry(name: str, auth: str, priv: str | None) -> dict[str, str]:
    """Write a user as configuration."""
    entry = {"username": name, "auth_protocol": auth, "auth_password": AUTH}
    if priv:
        entry |= {"priv_protocol": priv, "priv_password": PRIV}
    return entry


@pytest.fixture
def net_snmp(tmp_path: Path) -> NetSnmp:
    """net-snmp's commands."""
    return NetSnmp(tmp_path / "net-snmp")


async def test_every_protocol_that_net_snmp_has(tmp_path: Path) -> None:
    """Trap and inform of each signature with each encryption are taken, and each inform is answered."""
    pairs = list(product(AUTH_PROTOCOLS, [None, *PRIV_PROTOCOLS]))
    users = [user_entry(f"{auth}/{priv}", auth, priv) for auth, priv in pairs]
    async with listening(tmp_path, snmpv3_users=users) as listener:

        async def both(auth: str, priv: str | None) -> list[Ended]:
            sender = NetSnmp(tmp_path / f"{auth}-{priv}")  # net-snmp's state does not bear two at once
            ways = options(f"{auth}/{priv}", auth, priv)
            where = {"target": "127.0.0.1", "port": listener.port}
            return [await sender.snmptrap(*ways, **where), await sender.snmpinform(*ways, **where)]

        ended = await gathered([partial(both, auth, priv) for auth, priv in pairs])
        await until(lambda: len(listener.intake.events) == 2 * len(pairs))
        counts = listener.intake.counts
    assert [
        (pair, each) for pair, each in zip(pairs, ended, strict=True) if any(one.code for one in each)
    ] == []
    assert {(trap.version, trap.trap_oid) for trap in listener.intake.traps} == {("3", LINK_DOWN)}
    assert [reason for stage, reason in counts if stage == "refused"] == []


async def test_unsigned_messages_of_a_user_without_passwords(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """A user configured without passwords is accepted at noAuthNoPriv."""
    async with listening(tmp_path, snmpv3_users=[{"username": "open"}]) as listener:
        where = {"target": "127.0.0.1", "port": listener.port}
        await net_snmp.snmptrap(*options("open", None), **where)
        answered = await net_snmp.snmpinform(*options("open", None), **where)
        await until(lambda: len(listener.intake.events) == 2)
    assert answered.code == 0


async def test_engines_are_learned_from_their_messages(tmp_path: Path) -> None:
    """Two unknown senders are accepted, each under its own engine ID."""
    senders = [NetSnmp(tmp_path / "one"), NetSnmp(tmp_path / "two")]
    async with listening(tmp_path, snmpv3_users=[USER_WITH_PRIV]) as listener:
        for sender in senders:
            await sender.snmptrap(*options("noc", "SHA", "AES"), target="127.0.0.1", port=listener.port)
        await until(lambda: len(listener.intake.events) == 2)
    first, second = (trap.engine_id for trap in listener.intake.traps)
    assert first != second
    assert first.startswith("80001f88")


async def test_one_name_with_several_passwords(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """The same user name may stand several times with different keys; the fitting one opens the message."""
    other_priv = {**USER_WITH_PRIV, "priv_password": "another private pass"}
    other_auth = {**USER, "auth_protocol": "MD5", "auth_password": "another authentic pass"}
    async with listening(tmp_path, snmpv3_users=[other_priv, other_auth, USER_WITH_PRIV, USER]) as listener:
        where = {"target": "127.0.0.1", "port": listener.port}
        for ways in (
            options("noc", "SHA", "AES"),
            options("noc"),
            options("noc", "MD5", password="another authentic pass"),
        ):
            ended = await net_snmp.snmpinform(*ways, **where)
            assert ended.code == 0, ended.output
    assert len(listener.intake.events) == 3


REFUSED = [
    ("unknown_user", options("unknown", "SHA", "AES"), "Unknown user name"),
    ("wrong_digest", options("noc", "SHA", "AES", password="wrong password"), "Authentication failure"),
    ("wrong_digest", options("noc", "SHA-256", "AES"), "Authentication failure"),
    ("wrong_security_level", options("noc"), "Unsupported security level"),
    ("wrong_security_level", options("noc", None), "Unsupported security level"),
    ("decryption_failed", [*options("noc", "SHA", "AES")[:-1], "wrong private pass"], "Decryption error"),
    ("decryption_failed", options("noc", "SHA", "DES"), "Decryption error"),
]


@pytest.mark.parametrize(("reason", "ways", "expected"), REFUSED)
async def test_refusals_are_reported_separately(
    tmp_path: Path, net_snmp: NetSnmp, reason: str, ways: Sequence[str], expected: str
) -> None:
    """Each kind of wrong credentials is counted under its own name, and the sender of an inform gets it."""
    async with listening(tmp_path, snmpv3_users=[USER_WITH_PRIV]) as listener:
        where = {"target": "127.0.0.1", "port": listener.port}
        await net_snmp.snmptrap(*ways, **where)
        inform = await net_snmp.snmpinform("-r0", *ways, **where)
        await until(lambda: listener.intake.counts["refused", reason] == 2)
        counts = listener.intake.counts
    assert inform.code == 1
    assert expected in inform.output
    assert listener.intake.events == []
    assert {each for each in counts if each[0] == "refused"} == {("refused", reason)}


LATER = {"after the sender's restart": "4,5", "more than 150 s later": "3,1200"}


@pytest.mark.parametrize("present", LATER.values(), ids=LATER)
async def test_a_recorded_message_is_refused_later(tmp_path: Path, net_snmp: NetSnmp, present: str) -> None:
    """A recorded message that is sent again is refused once its sender's clock has gone on."""
    ways = options("noc", "SHA", "AES")
    async with listening(tmp_path, snmpv3_users=[USER_WITH_PRIV]) as listener:
        recorded = await recorded_trap(net_snmp, "-Z", "3,1000", *ways)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
            attacker.sendto(recorded, ("127.0.0.1", listener.port))
            await until(lambda: len(listener.intake.events) == 1)
            await net_snmp.snmptrap("-Z", present, *ways, target="127.0.0.1", port=listener.port)
            await until(lambda: len(listener.intake.events) == 2)
            attacker.sendto(recorded, ("127.0.0.1", listener.port))
            await until(lambda: listener.intake.counts["refused", "not_in_time_window"] == 1)
    assert len(listener.intake.events) == 2
    assert len({trap.engine_id for trap in listener.intake.traps}) == 1


async def recorded_trap(net_snmp: NetSnmp, *ways: str) -> bytes:
    """Make snmptrap send to a socket of ours and return the datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)  # noqa: FBT003 - Python's own signature
        sending = net_snmp.snmptrap(*ways, target="127.0.0.1", port=ear.getsockname()[1])
        datagram, _ = await asyncio.gather(asyncio.get_running_loop().sock_recv(ear, 65_535), sending)
    return datagram


async def test_pysnmp_is_understood(tmp_path: Path) -> None:
    """Traps of pysnmp are opened, also with 3DES, which net-snmp lacks; its informs ask for our engine ID."""
    pairs = list(product(["MD5", "SHA-512"], ["3DES", "DES", "AES-256", "AES-256-C"]))
    users = [user_entry(f"{auth}/{priv}", auth, priv) for auth, priv in pairs]
    async with listening(tmp_path, snmpv3_users=users) as listener:
        process = await asyncio.create_subprocess_exec(
            sys.executable, PYSNMP_SENDER, str(listener.port), *(user["username"] for user in users)
        )
        code = await process.wait()
        await until(lambda: len(listener.intake.events) == 2 * len(pairs))
        counts = listener.intake.counts
    assert code == 0
    assert {each.trap_oid for each in listener.intake.traps} == {LINK_DOWN}
    assert counts["discovery", "engine_discovery"] == len(pairs)
