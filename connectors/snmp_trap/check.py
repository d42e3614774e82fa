"""Test of the listener's configuration that does not disturb a running listener."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from connectors.snmp_trap.config import SnmpTrapConfig
from connectors.snmp_trap.receiving.port import TrapPort
from connectors.snmp_trap.receiving.sockets import close_all, granted_bytes, grow_buffer, open_ports
from connectors.snmp_trap.sender import UNNAMED
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.rejection_words import words_of
from opsconductor.errors import ConnectorError


def check_running(config: SnmpTrapConfig, ports: Sequence[TrapPort], unnamed: Collection[str]) -> CheckResult:
    """Return the buffer sizes of the open ports and the forwarders that do not name their devices."""
    result = _result(config, {port.name: granted_bytes(port.sock) for port in ports}, "listens on")
    if not unnamed:
        return result
    words = words_of(UNNAMED)
    message = f"{result.message}; {words.explanation} ({', '.join(sorted(unnamed))}): {words.remedy}"
    return replace(result, ok=False, message=message)


def check_opening(config: SnmpTrapConfig, context: ConnectorContext) -> CheckResult:
    """Open the ports, read the granted buffer sizes, and close them again."""
    try:
        ports = open_ports(config.listen, context.sockets)
    except ConnectorError as error:
        return CheckResult(ok=False, message=str(error))
    try:
        granted = {port.name: grow_buffer(port, config.receive_buffer_bytes) for port in ports}
        return _result(config, granted, "can listen on")
    finally:
        close_all(ports)


def _result(config: SnmpTrapConfig, granted: dict[str, int], what: str) -> CheckResult:
    wanted = config.receive_buffer_bytes
    message = f"{what} {', '.join(granted)}"
    if min(granted.values()) < wanted:
        message += f"; the kernel grants less than receive_buffer_bytes ({wanted})"
    return CheckResult(
        ok=True, message=message, details={"receive_buffer_bytes": granted, "requested_bytes": wanted}
    )
