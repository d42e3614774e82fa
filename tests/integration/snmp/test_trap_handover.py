"""A rebuilt listener takes over the port and the known informs of the former one."""

import asyncio
import socket
from pathlib import Path

import pytest

from connectors.snmp_trap.receiving.handover import Handover
from opsconductor.connector.settings.address import ListenAddress
from tests.soak.packets import INFORM, LINK_DOWN, TRAP, answered_id, notice
from tests.support.ports import free_port
from tests.support.snmp.trap_listener import commit, listening, until


@pytest.fixture
def address() -> str:
    """A free port of this machine."""
    return f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"


@pytest.fixture
def sender(address: str) -> socket.socket:
    """A device."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.settimeout(0)
    out.connect(("127.0.0.1", int(address.rpartition(":")[2])))
    return out


async def test_traps_sent_in_between_are_kept(tmp_path: Path, address: str, sender: socket.socket) -> None:
    """Between two listeners of one connector the port stays open."""
    legacy: dict[str, Handover] = {}
    with sender:
        async with listening(tmp_path, listen=[address], legacy=legacy):
            pass
        sender.send(notice(TRAP, 1, LINK_DOWN, 7))
        async with listening(tmp_path, listen=[address], legacy=legacy) as second:
            await until(lambda: len(second.intake.events) == 1)
    legacy["listener"].close()


async def test_an_inform_in_between_is_one_event(tmp_path: Path, address: str, sender: socket.socket) -> None:
    """Taken by the old listener, sent again to the new one before the commit: answered, and one event."""
    legacy: dict[str, Handover] = {}
    packet = notice(INFORM, 9, LINK_DOWN, 7)
    with sender:
        async with listening(tmp_path, listen=[address], legacy=legacy) as first:
            first.intake.is_committing = False
            sender.send(packet)
            await until(lambda: len(first.intake.events) == 1)
        async with listening(tmp_path, listen=[address], legacy=legacy) as second:
            sender.send(packet)
            await until(lambda: second.intake.counts["duplicate", ""] == 1)
            commit(first.intake.events)
            answer = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sender, 4096), 5)
            assert answered_id(answer) == 9
            assert second.intake.events == []
    legacy["listener"].close()


def test_addresses_that_are_gone_are_closed(address: str) -> None:
    """Another program can open the port of a removed listener."""
    handover = Handover()
    wanted = ListenAddress("127.0.0.1", int(address.rpartition(":")[2]))
    for _ in range(2):
        handover.open(wanted).close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", wanted.port))
        handover.keep([ListenAddress("127.0.0.1", 1)])
        other.bind(("127.0.0.1", wanted.port))
    handover.close()
