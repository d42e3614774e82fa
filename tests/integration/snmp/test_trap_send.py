"""`opsconductor trap send` towards our own listener and towards net-snmp's snmptrapd."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opsconductor.cli.trap.send import send
from tests.support.ports import free_port
from tests.support.snmp.trap_listener import LINK_DOWN, listening, until

SNMPTRAPD_CONF = "authCommunity log public\n"


async def trap_send(*arguments: str) -> Result:
    """Run the command."""
    return await asyncio.to_thread(CliRunner().invoke, send, arguments)


@pytest.mark.parametrize("version", ["--v1", "--v2c"])
async def test_traps_arrive_whole(tmp_path: Path, version: str) -> None:
    """Traps of both versions arrive with name, uptime and typed variables, as many as asked for."""
    variables = ["ifIndex.7", "i", "7", "ifDescr.7", "s", "Gi0/7", "1.3.6.1.4.1.9.1", "a", "192.0.2.1"]
    async with listening(tmp_path) as listener:
        target = f"127.0.0.1:{listener.port}"
        ended = await trap_send(version, "--uptime", "4711", "--count", "3", target, "linkDown", *variables)
        await until(lambda: len(listener.intake.events) == 3)
        trap = listener.intake.traps[0]
    assert ended.exit_code == 0, ended.output
    assert "sent 3 to" in ended.output
    assert (trap.trap_oid, trap.uptime) == (LINK_DOWN, 4711)
    assert trap.varbinds == (
        ("1.3.6.1.2.1.2.2.1.1.7", 0x02, b"\x07"),
        ("1.3.6.1.2.1.2.2.1.2.7", 0x04, b"Gi0/7"),
        ("1.3.6.1.4.1.9.1", 0x40, bytes((192, 0, 2, 1))),
    )


async def test_informs_report_whether_they_were_answered(tmp_path: Path) -> None:
    """The time of an answered inform is shown; exit code 0."""
    async with listening(tmp_path) as listener:
        ended = await trap_send("-v", "2c", "--inform", f"127.0.0.1:{listener.port}", "coldStart")
    assert ended.exit_code == 0, ended.output
    assert re.fullmatch(r"inform 1 answered in [0-9.]+ ms\n", ended.output)


async def test_an_inform_without_answer(tmp_path: Path) -> None:
    """A refused community means no answer: exit code 1 after the retries."""
    async with listening(tmp_path) as listener:
        target = f"127.0.0.1:{listener.port}"
        ended = await trap_send("-c", "wrong", "--inform", "-t", "0.05", "-r", "1", target, "linkUp")
        await until(lambda: listener.intake.counts["refused", "community"] == 2)
    assert ended.exit_code == 1
    assert ended.output.startswith("inform 1 NOT ANSWERED after 1")


async def test_a_closed_port_is_named() -> None:
    """A closed port is named."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    ended = await trap_send("--inform", f"127.0.0.1:{port}", "linkUp")
    assert ended.exit_code == 1
    assert f"127.0.0.1:{port}: Connection refused" in ended.output


@dataclass
class Snmptrapd:
    """A running snmptrapd: its port and its output."""

    port: int
    lines: list[str]


@pytest.fixture
async def snmptrapd(tmp_path: Path) -> AsyncIterator[Snmptrapd]:
    """Start net-snmp's own receiver."""
    (tmp_path / "snmptrapd.conf").write_text(SNMPTRAPD_CONF)
    port = free_port(socket.SOCK_DGRAM)
    process = await asyncio.create_subprocess_exec(
        *("snmptrapd", "-f", "-C", "-c", str(tmp_path / "snmptrapd.conf"), "-Lo", "-On", "-n"),
        f"udp:127.0.0.1:{port}",
        env={"SNMP_PERSISTENT_DIR": str(tmp_path), "MIBS": "", "PATH": "/usr/sbin:/usr/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    lines: list[str] = []
    reading = asyncio.create_task(read_lines(process, lines))
    try:
        await until(lambda: any("NET-SNMP version" in line for line in lines) or reading.done())
        assert not reading.done(), lines
        yield Snmptrapd(port, lines)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def read_lines(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    """Keep the output of a process, until it ends."""
    assert process.stdout is not None
    while line := await process.stdout.readline():
        lines.append(line.decode())


async def test_snmptrapd_understands_us(snmptrapd: Snmptrapd) -> None:
    """The receiver of net-snmp takes our v1 and v2c traps and answers our informs."""
    target = f"127.0.0.1:{snmptrapd.port}"
    for ways in (["--v1"], ["--v2c"], ["--v2c", "--inform"]):
        ended = await trap_send(
            *ways, target, "1.3.6.1.4.1.318.0.5", "1.3.6.1.4.1.318.2.3.3.0", "s", "UPS: on battery"
        )
        assert ended.exit_code == 0, ended.output
    await until(lambda: sum("UPS: on battery" in line for line in snmptrapd.lines) == 3)
    assert any(".1.3.6.1.4.1.318 Enterprise Specific Trap (5)" in line for line in snmptrapd.lines)


WRONG = {
    "nonsense": "'nonsense': no notification of this name is known; give its OID",
    "linkDown ifIndex.7 i": "each variable needs OID, TYPE and VALUE",
    "linkDown ifIndex.7 i seven": "ifIndex.7: 'seven' is not a valid INTEGER",
    "linkDown ifIndex.7 z 7": "unknown type 'z', expected one of: i INTEGER",
    "linkDown ifIndex.7 c -- -1": "expected 0 to 4294967295",
    "--v1 --inform linkDown": "SNMPv1 has no informs",
    "--v1 1.3": "SNMPv1 needs an enterprise in the trap's OID",
    "--v1 --agent ::1 linkDown": "--agent:",
}


@pytest.mark.parametrize("line", WRONG)
async def test_a_wrong_command_line_is_reported(line: str) -> None:
    """Each fault is named, with the expected value; nothing is sent."""
    words = line.split()
    at = next(place for place, word in enumerate(words) if word in ("linkDown", "nonsense", "1.3"))
    ended = await trap_send(*words[:at], "127.0.0.1:9", *words[at:])
    assert ended.exit_code in (1, 2)
    assert WRONG[line] in ended.output


@pytest.mark.parametrize("target", ["", "host:", "host:0", "host:65536", "[::1]x", "[::1"])
async def test_a_wrong_target_is_reported(target: str) -> None:
    """A target that cannot be read is named, with the three forms it may have."""
    ended = await trap_send(target, "linkDown")
    assert ended.exit_code == 2
    assert "expected host, host:162 or [::1]:162" in ended.output
