"""What a trap says: values of its variables, as the expressions of mappings use them, and its document."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from opsconductor.mib.decode.naming import instance_text, name_of, notification_name, part_text
from opsconductor.mib.decode.value import TEXT
from opsconductor.mib.expression import compile_expression, variable
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.unmapped import ShownVariable
from opsconductor.model.inventory.port import PORT_ALIAS, PORT_NAMES, interface_of, port_name
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import is_no_value, text_of, type_name
from opsconductor.snmp.variable import readers_of, shown_variable

PORT_COLUMNS = frozenset({*PORT_NAMES, PORT_ALIAS})


def port_of(resource: str, varbinds: Iterable[Varbind]) -> str:
    """Return the name and description of a resource `ifIndex=24`: `Gi0/24 to access ring`.

    Returns:
        Empty when the resource is not a port, or the trap does not name it.
    """
    instance = instance_of(resource)
    if not instance:
        return ""
    columns: dict[str, bytes] = {}
    for oid, tag, content in varbinds:
        column, _, index = oid.rpartition(".")
        if index == instance and tag == tlv.OCTET_STRING and column in PORT_COLUMNS:
            columns[column] = content
    return joined(columns)


def instance_of(resource: str) -> str:
    """Return the ifIndex of a resource; empty if it is not a port."""
    return interface_of(resource).partition("=")[2]


def joined(columns: Mapping[str, bytes]) -> str:
    """Return the name of a port from its columns."""
    return port_name(
        {column: text_of(tlv.OCTET_STRING, content, TEXT) for column, content in columns.items()}
    )


MOST_LINES = 24
MOST_VARBINDS = 256


def left_out(variables: Sequence[object]) -> Sequence[str]:
    """Return the line for the variables beyond those that are listed, if there are any."""
    return [f"… and {len(variables) - MOST_LINES} more"] if len(variables) > MOST_LINES else []


class TrapReading(Protocol):
    """Access to the variables of a trap."""

    def value(self, oid: str) -> str:
        """Return the value of the variable at or below an OID; `?`: there is none."""

    def text(self, expression: str) -> str:
        """Return an expression with the values of its variables."""

    def brief(self, template: str, resource: str) -> str:
        """Return a title with the values of its variables, the long ones truncated."""

    def port(self, resource: str) -> str:
        """Return the port name of a resource; empty if it is not a port or not named."""

    def instance(self, arcs: str) -> str:
        """Return the instance of a variable with its strings and addresses readable."""

    def shown(self) -> list[ShownVariable]:
        """Return each variable as people see it."""

    def listing(self) -> str:
        """Return a printable line for each variable: `ifOperStatus.7: down(2)`."""


class VarbindReading:
    """`TrapReading` that reads the decoded variables at each call."""

    def __init__(self, varbinds: Sequence[Varbind], facts: MibFacts) -> None:
        self._varbinds = varbinds
        self._readers = readers_of(facts)

    def value(self, oid: str) -> str:
        """See `TrapReading`."""
        return variable(oid).fill(self._varbinds, self._value, part_of=self._part)

    def text(self, expression: str) -> str:
        """See `TrapReading`."""
        return compile_expression(expression).fill(self._varbinds, self._value, part_of=self._part)

    def brief(self, template: str, resource: str) -> str:
        """See `TrapReading`."""
        return compile_expression(template).fill(
            self._varbinds, self._brief, resource=resource, part_of=self._part
        )

    def port(self, resource: str) -> str:
        """See `TrapReading`."""
        return port_of(resource, self._varbinds)

    def instance(self, arcs: str) -> str:
        """See `TrapReading`."""
        for oid, _, _ in self._varbinds:
            fact = self._readers.facts.object_above(oid) if oid.endswith(f".{arcs}") else None
            if fact is not None and oid == f"{fact.oid}.{arcs}":
                return instance_text(fact.index, arcs)
        return arcs

    def shown(self) -> list[ShownVariable]:
        """See `TrapReading`."""
        readers = self._readers
        return [
            shown_variable(readers.facts, oid, tag, readers.of(oid, tag).read(content))
            for oid, tag, content in self._varbinds
        ]

    def listing(self) -> str:
        """See `TrapReading`."""
        readers = self._readers
        lines = [
            f"{name_of(readers.facts, oid) or oid}: {readers.of(oid, tag).line(content)}"
            for oid, tag, content in self._varbinds[:MOST_LINES]
        ]
        return "\n".join([*lines, *left_out(self._varbinds)])

    def _value(self, oid: str, tag: int, content: bytes) -> str | None:
        return None if is_no_value(tag, content) else self._readers.of(oid, tag).text(content)

    def _part(self, oid: str, instance: str, number: int) -> str | None:
        fact = self._readers.facts.object_above(oid)
        is_whole = fact is not None and oid.endswith(f"{fact.oid}.{instance}")
        return part_text(fact.index if fact is not None and is_whole else (), instance, number)

    def _brief(self, oid: str, tag: int, content: bytes) -> str | None:
        return None if is_no_value(tag, content) else self._readers.of(oid, tag).brief(content)


def document_of(trap: Trap, peer: str, forwarder: str, facts: MibFacts) -> Mapping[str, object]:
    """Return the content of a trap, without its community.

    Args:
        peer: Address of the sender.
        forwarder: The trusted forwarder that passed it on; empty: it came directly.

    Returns:
        `trap_oid`, `version`, `peer`, `varbinds` (each `oid`, `name` where known, `type`, `value`, and
        `meaning` where the value does not contain it: the label of a number, names of bits, units),
        and where present `uptime_s`, `enterprise`, `agent_address`, `trap_address`, `engine_id`,
        `forwarder`, `varbinds_left_out` and `damage` (deviations from the standard).
    """
    optional = {
        "trap_name": notification_name(facts, trap.trap_oid),
        "uptime_s": None if trap.uptime is None else trap.uptime / 100,
        "enterprise": trap.enterprise,
        "agent_address": trap.agent_address,
        "trap_address": trap.trap_address,
        "engine_id": trap.engine_id,
        "forwarder": forwarder,
        "damage": list(trap.faults) or None,
        "varbinds_left_out": max(0, len(trap.varbinds) - MOST_VARBINDS) or None,
    }
    return {
        "trap_oid": trap.trap_oid,
        "version": trap.version,
        "pdu": "inform" if trap.is_inform else "trap",
        "peer": peer,
        **{name: value for name, value in optional.items() if value not in (None, "")},
        "varbinds": [_varbind(varbind, facts) for varbind in trap.varbinds[:MOST_VARBINDS]],
    }


def _varbind(varbind: Varbind, facts: MibFacts) -> Mapping[str, object]:
    oid, tag, content = varbind
    name = name_of(facts, oid)
    value = readers_of(facts).of(oid, tag).read(content)
    return {
        "oid": oid,
        **({"name": name} if name else {}),
        "type": type_name(tag),
        "value": value.json,
        **({"meaning": value.meaning} if value.meaning else {}),
    }
