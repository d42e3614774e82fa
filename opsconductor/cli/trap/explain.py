"""Text output of a decoded trap, or of the byte at which decoding fails."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.errors import DecodeError
from opsconductor.mib.decode.naming import name_of, notification_name
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.vendors import vendor_of_oid
from opsconductor.snmp.message.ber import REASONS, decode, decode_pdu, version_of
from opsconductor.snmp.message.octets import octets_text
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import ticks_text, type_name
from opsconductor.snmp.security.security import SecurityLevel
from opsconductor.snmp.security.v3_message import V3Message, parse_scoped_pdu, parse_v3
from opsconductor.snmp.variable import readers_of

HIDDEN = "hidden"
Rows = list[tuple[str, str]]


def explain(packet: bytes, facts: MibFacts) -> RenderableType:
    """Render everything in a message except its community.

    Raises:
        DecodeError: It cannot be decoded; `fault_of` renders the reason.
    """
    if version_of(packet) != "3":
        trap = decode(packet)
        return Group(
            _fields([*_head(trap), ("community", HIDDEN), *_body(trap, facts)]),
            _variables(trap.varbinds, facts),
        )
    message = parse_v3(packet)
    if message.level in (None, SecurityLevel.AUTH_PRIV):
        return _fields([("message", "SNMPv3"), *_security(message), ("content", "encrypted")])
    trap = decode_pdu(parse_scoped_pdu(message.data).pdu, engine_id=message.engine_id.hex())
    return Group(
        _fields([*_head(trap), *_security(message), *_body(trap, facts)]), _variables(trap.varbinds, facts)
    )


def fault_of(error: DecodeError, packet: bytes) -> RenderableType:
    """Render why a message cannot be decoded, and at which byte."""
    place = f"byte {error.at} of {len(packet)}" if error.at is not None else f"{len(packet)} bytes"
    rows = [
        ("reason", error.reason),
        ("", REASONS.get(error.reason, "")),
        ("found", error.detail),
        ("at", place),
    ]
    return Group(Text("cannot be decoded", style="bold red"), _fields([row for row in rows if row[1]]))


def _head(trap: Trap) -> Rows:
    return [("message", f"SNMPv{trap.version} {'inform' if trap.is_inform else 'trap'}")]


def _security(message: V3Message) -> Rows:
    level = message.level.name.lower() if message.level else "invalid: encrypted but not authenticated"
    return [
        ("user", octets_text(message.user)),
        ("engine ID", message.engine_id.hex()),
        ("security", level),
        ("engine boots, time", f"{message.boots}, {message.time_s} s"),
    ]


def _body(trap: Trap, facts: MibFacts) -> Rows:
    rows = [
        ("trap", notification_name(facts, trap.trap_oid) or "(not known)"),
        ("trap OID", trap.trap_oid),
        ("vendor", vendor_of_oid(trap.trap_oid) or vendor_of_oid(trap.enterprise) or ""),
        ("enterprise", trap.enterprise),
        ("agent address", trap.agent_address),
        ("trap address", trap.trap_address),
        ("uptime", "missing" if trap.uptime is None else ticks_text(trap.uptime.to_bytes(16, "big"))),
        *(("damaged", fault) for fault in trap.faults),
        ("request ID", str(trap.request_id) if trap.version != "1" else ""),
    ]
    return [row for row in rows if row[1]]


def _fields(rows: Rows) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    return table


def _variables(varbinds: tuple[Varbind, ...], facts: MibFacts) -> RenderableType:
    if not varbinds:
        return Text("no variables", style="dim")
    table = Table("OID", "name", "type", "value", box=None, padding=(0, 2, 0, 0), header_style="bold")
    for oid, tag, content in varbinds:
        name, value = name_of(facts, oid) or "", readers_of(facts).of(oid, tag).read(content).line
        table.add_row(Text(oid, overflow="fold"), Text(name), type_name(tag), Text(value, overflow="fold"))
    return table
