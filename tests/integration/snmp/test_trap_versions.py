"""Traps of every version from net-snmp's `snmptrap`, on IPv4, IPv6, several ports and lent sockets."""

import socket
from pathlib import Path

import pytest

from opsconductor.errors import Unreachable
from tests.support.snmp.trap_listener import LINK_DOWN, NetSnmp, listening, until


@pytest.fixture
def net_snmp(tmp_path: Path) -> NetSnmp:
    """net-snmp's commands."""
    return NetSnmp(tmp_path / "net-snmp")


async def test_a_v1_trap_is_translated(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """A v1 trap comes out as v2 would name it, with its agent address and where it was received."""
    async with listening(tmp_path) as listener:
        target = f"127.0.0.1:{listener.port}"
        await net_snmp.run(
            "snmptrap", "-v1", "-c", "public", target, "1.3.6.1.4.1.318", "192.0.2.9", "6", "5", "100"
        )
        await until(lambda: bool(listener.intake.events))
        (event,) = listener.intake.events
        (trap,) = listener.intake.traps
    assert (event.connector, event.peer, event.local) == ("traps", "127.0.0.1", target)
    assert (trap.version, trap.trap_oid, trap.uptime) == ("1", "1.3.6.1.4.1.318.0.5", 100)
    assert trap.agent_address == "192.0.2.9"
    assert not trap.is_inform
    assert event.on_commit is None


async def test_a_v2c_trap(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """A v2c trap comes out with its variables, and is counted as received and nothing else."""
    async with listening(tmp_path) as listener:
        await net_snmp.snmptrap("-v2c", "-c", "public", target="127.0.0.1", port=listener.port)
        await until(lambda: bool(listener.intake.events))
        (trap,) = listener.intake.traps
        counts = listener.intake.counts
    assert (trap.version, trap.trap_oid) == ("2c", LINK_DOWN)
    assert trap.varbinds == (("1.3.6.1.2.1.2.2.1.1.7", 2, b"\x07"),)
    assert counts == {("received", ""): 1}


async def test_several_ports_and_ipv6(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """Every address in `listen` is served; the same port can be had for IPv4 and IPv6 at once."""
    async with listening(tmp_path, listen=["127.0.0.1:0", "[::1]:0", "127.0.0.1:0"]) as listener:
        addresses = listener.source.listening
        for address in addresses:
            target = f"udp6:[::1]:{address.port}" if address.is_ipv6 else str(address)
            await net_snmp.snmptrap("-v2c", "-c", "public", target=target)
        await until(lambda: len(listener.intake.events) == 3)
        received = {(event.peer, event.local) for event in listener.intake.events}
    first, second, third = map(str, addresses)
    assert received == {("127.0.0.1", first), ("::1", second), ("127.0.0.1", third)}


async def test_both_families_on_one_port(tmp_path: Path) -> None:
    """`0.0.0.0` and `::` can have the same port: IPv6 does not take IPv4."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", 0))
        port = probe.getsockname()[1]
    async with listening(tmp_path, listen=[f"0.0.0.0:{port}", f"[::]:{port}"]) as listener:
        assert [address.port for address in listener.source.listening] == [port, port]


async def test_a_lent_socket_is_used_and_left_open(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """A socket of systemd for the same port is used instead of binding, and outlives the listener."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as lent:
        lent.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        lent.setblocking(False)  # noqa: FBT003 - Python's own signature
        lent.bind(("::", 0))
        port = lent.getsockname()[1]
        async with listening(tmp_path, listen=[f"0.0.0.0:{port}"], sockets=[lent]) as listener:
            await net_snmp.snmptrap("-v2c", "-c", "public", target="127.0.0.1", port=port)
            await until(lambda: len(listener.intake.events) == 1)
            assert listener.intake.events[0].peer == "127.0.0.1"
        await net_snmp.snmptrap("-v2c", "-c", "public", target="127.0.0.1", port=port)
        async with listening(tmp_path, listen=[f"0.0.0.0:{port}"], sockets=[lent]) as listener:
            await until(lambda: len(listener.intake.events) == 1)


async def test_lent_sockets_are_the_listeners_when_none_fits(tmp_path: Path) -> None:
    """Sockets of systemd for other ports than `listen` are used, and no port is opened beside them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lent:
        lent.setblocking(False)  # noqa: FBT003 - Python's own signature
        lent.bind(("127.0.0.1", 0))
        async with listening(tmp_path, sockets=[lent]) as listener:
            assert [address.port for address in listener.source.listening] == [lent.getsockname()[1]]


async def test_received_traps_are_passed_on_before_the_end(tmp_path: Path, net_snmp: NetSnmp) -> None:
    """Stopping loses nothing that has reached the socket, even when the intake was full until then."""
    async with listening(tmp_path) as listener:
        listener.intake.has_room.clear()
        for _ in range(3):
            await net_snmp.snmptrap("-v2c", "-c", "public", target="127.0.0.1", port=listener.port)
        listener.task.cancel()
        listener.intake.has_room.set()
        await until(listener.task.done)
        assert len(listener.intake.events) == 3


async def test_a_taken_port_is_reported(tmp_path: Path) -> None:
    """A port of another program ends the run with the address and the reason."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port}: Address already in use"):
            async with listening(tmp_path, listen=[f"127.0.0.1:{port}"]):
                pass
