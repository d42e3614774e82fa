"""A sender of the largest datagrams does not delay others."""

import socket

from connectors.snmp_trap.receiving.port import ENOUGH_BYTES, LARGEST, TrapPort
from connectors.snmp_trap.receiving.sockets import open_ports
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.snmp.message.ber import decode
from opsconductor.snmp.message.oid import encode_oid
from tests.property.snmp.test_hostile_packets import HEAD, element, message


def opened() -> TrapPort:
    """Open a port of loopback with a large buffer."""
    (port,) = open_ports((ListenAddress("127.0.0.1", 0),), ())
    port.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    return port


def test_a_handful_of_the_largest_datagrams_is_taken_in_one_go() -> None:
    """Of large datagrams a turn takes a limited number of bytes; none is lost, order is kept."""
    port = opened()
    payloads = [bytes([number]) * 60_000 for number in range(40)]
    with port.sock, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in payloads:
            sender.sendto(payload, port.sock.getsockname())
        turns = []
        while taken := port.receive(1_000):
            turns.append([payload for payload, _ in taken])
    assert [payload for turn in turns for payload in turn] == payloads[: sum(map(len, turns))]
    assert len(turns) > 1
    assert all(sum(map(len, turn)) <= ENOUGH_BYTES + LARGEST for turn in turns)


def test_of_thousands_of_variables_the_first_are_read() -> None:
    """The first thousand variables are read, with the trap's OID among them, and the rest costs nothing."""
    variables = b"".join(
        element(0x30, element(6, encode_oid(f"1.3.{number}")), b"\5\0") for number in range(7_000)
    )
    trap = decode(message(HEAD + variables))
    assert (trap.trap_oid, trap.varbinds[0][0], len(trap.varbinds)) == ("1.3.6.1.5", "1.3.0", 998)
