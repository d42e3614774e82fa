"""Plan for traps of one layout: names, types and bound expressions, computed once."""

from collections.abc import Sequence
from json import dumps

from connectors.snmp_trap.alarm_entries import ENTRIES
from connectors.snmp_trap.document import document_of
from connectors.snmp_trap.planned_variable import PlannedVariable, Value
from connectors.snmp_trap.reading import (
    MOST_LINES,
    PORT_COLUMNS,
    VarbindReading,
    instance_of,
    joined,
)
from opsconductor.limits import BoundedMap
from opsconductor.mib.expression import AmbiguousError, Bound, Place, bind, compile_expression
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.unmapped import ShownVariable
from opsconductor.model.normalized import JsonDocument
from opsconductor.snmp.message.layout import Layout, Parts, arc_text, layout_of
from opsconductor.snmp.message.tlv import OCTET_STRING
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import is_no_value

MOST_VALUES = 1_000
"""Heads of documents, and names of ports, that are cached."""
MOST_EXPRESSIONS = 100


_UNBOUND: Sequence[Bound] = []


class TrapPlan:
    """Reads traps of one layout.

    Attributes:
        pieces: See `PlannedVariable`; None: a variable has none.
        prefixes: See `PlannedVariable`; None: a variable has none, or there are too many to show all.
        ports: Position, column and content of the variables that may name a port.
    """

    def __init__(self, layout: Layout, facts: MibFacts) -> None:
        self.layout = layout
        self.facts = facts
        self.variables = tuple(PlannedVariable(each, facts) for each in layout.variables)
        pieces = [each.pieces for each in self.variables]
        self.pieces = [each for each in pieces if each is not None] if all(pieces) else None
        prefixes = [each.prefix for each in self.variables]
        is_shown = None not in prefixes and len(prefixes) <= MOST_LINES
        self.prefixes = [f"{each}" for each in prefixes] if is_shown else None
        self.ports = tuple(
            (position, each.column, each.content)
            for position, each in enumerate(layout.variables)
            if each.tag == OCTET_STRING and each.arc is not None and each.column in PORT_COLUMNS
        )
        self._places = tuple(
            Place(each.column, each.arc is not None, not is_no_value(each.tag, bytes(each.size)))
            for each in layout.variables
        )
        self._bound: BoundedMap[str, Sequence[Bound] | None] = BoundedMap(MOST_EXPRESSIONS)
        self._heads: BoundedMap[tuple[str, str], str] = BoundedMap(MOST_VALUES)
        self.port_names: BoundedMap[tuple[tuple[str, bytes], ...], str] = BoundedMap(MOST_VALUES)

    def bound(self, expression: str) -> Sequence[Bound] | None:
        """Return the variables that fill an expression; None: they differ from trap to trap."""
        found = self._bound.get(expression, _UNBOUND)
        if found is not _UNBOUND:
            return found
        try:
            found = bind(compile_expression(expression), self._places)
        except AmbiguousError:
            found = None
        self._bound[expression] = found
        return found

    def head(self, peer: str, forwarder: str) -> str:
        """Return the beginning of the document of a trap, as `document_of` writes it."""
        found = self._heads.get((peer, forwarder))
        if found is None:
            trap = Trap(version="2c", request_id=0, trap_oid=self.layout.trap_oid, uptime=None, varbinds=())
            document = {**document_of(trap, peer, forwarder, self.facts)}
            del document["varbinds"]
            found = dumps(document, ensure_ascii=False)[:-1]
            self._heads[peer, forwarder] = found
        return found


class PlannedTrap:
    """A trap split by the layout of an earlier one; implements `TrapReading`.

    Attributes:
        parts: See `Layout.read`.
    """

    __slots__ = ("_arcs", "_values", "parts", "plan")

    enterprise = agent_address = trap_address = engine_id = ""
    faults: tuple[str, ...] = ()

    def __init__(self, plan: TrapPlan, parts: Parts) -> None:
        self.plan = plan
        self.parts = parts
        self._arcs: Sequence[str] = ()
        self._values: Sequence[Value] = ()

    @property
    def trap_oid(self) -> str:
        """Return the value of snmpTrapOID.0."""
        return self.plan.layout.trap_oid

    def open(self) -> "PlannedTrap":
        """Read arcs and values; call before any other method."""
        parts = self.parts
        self._arcs = ["" if each.arc is None else arc_text(parts[each.arc]) for each in self.plan.variables]
        self._values = [each.value(parts[each.content]) for each in self.plan.variables]
        return self

    def varbinds(self) -> tuple[Varbind, ...]:
        """Return the variables like the decoder."""
        return tuple(
            (
                each.column if each.arc is None else f"{each.column}.{arc_text(self.parts[each.arc])}",
                each.tag,
                self.parts[each.content],
            )
            for each in self.plan.layout.variables
        )

    def value(self, oid: str) -> str:
        """See `TrapReading`."""
        return self.text(f"{{{oid}}}")

    def text(self, expression: str) -> str:
        """See `TrapReading`."""
        bound = self.plan.bound(expression)
        if bound is None:
            return VarbindReading(self.varbinds(), self.plan.facts).text(expression)
        values, texts = self._values, []
        for part in bound:
            if isinstance(part, str):
                texts.append(part)
            elif part is not None:
                position, instance = part
                texts.append(values[position].text if instance is None else instance + self._arcs[position])
        return "".join(texts)

    def brief(self, template: str, resource: str) -> str:
        """See `TrapReading`."""
        bound = self.plan.bound(template)
        if bound is None:
            return VarbindReading(self.varbinds(), self.plan.facts).brief(template, resource)
        values, texts = self._values, []
        for part in bound:
            if isinstance(part, str):
                texts.append(part)
            elif part is None:
                texts.append(resource)
            else:
                position, instance = part
                texts.append(values[position].brief if instance is None else instance + self._arcs[position])
        return "".join(texts)

    def port(self, resource: str) -> str:
        """See `TrapReading`."""
        plan = self.plan
        instance = instance_of(resource) if plan.ports else ""
        if not instance:
            return ""
        arcs, parts = self._arcs, self.parts
        key = tuple(
            [
                (column, parts[content])
                for position, column, content in plan.ports
                if arcs[position] == instance
            ]
        )
        found = plan.port_names.get(key)
        if found is None:
            found = plan.port_names[key] = joined(dict(key))
        return found

    def instance(self, arcs: str) -> str:
        """See `TrapReading`."""
        return VarbindReading(self.varbinds(), self.plan.facts).instance(arcs)

    def shown(self) -> list[ShownVariable]:
        """See `TrapReading`."""
        return VarbindReading(self.varbinds(), self.plan.facts).shown()

    def lines(self) -> list[str]:
        """See `TrapReading`."""
        prefixes = self.plan.prefixes
        if prefixes is not None:
            shown = zip(prefixes, self._arcs, self._values, strict=True)
            return [f"{prefix}{arc}: {value.line}" for prefix, arc, value in shown]
        lines = [
            f"{each.name(arc)}: {value.line}"
            for each, arc, value in zip(
                self.plan.variables[:MOST_LINES], self._arcs, self._values, strict=False
            )
        ]
        if len(self._values) > MOST_LINES:
            lines.append(f"… and {len(self._values) - MOST_LINES} more")
        return lines

    def document(self, uptime: int | None, peer: str, forwarder: str) -> JsonDocument:
        """Return the result of `document_of`, already serialized."""
        head = self.plan.head(peer, forwarder)
        since = "" if uptime is None else f',"uptime_s":{uptime / 100!r}'
        return JsonDocument(f'{head}{since},"varbinds":[{",".join(self._documents())}]}}')

    def _documents(self) -> list[str]:
        plan, arcs, values = self.plan, self._arcs, self._values
        if plan.pieces is None:
            every = zip(plan.variables, arcs, values, strict=True)
            return [each.document(arc, value) for each, arc, value in every]
        return [
            f"{oid}{arc}{name}{arc}{end}{value.json}}}"
            for (oid, name, end), arc, value in zip(plan.pieces, arcs, values, strict=True)
        ]


def plan_of(body: bytes, facts: MibFacts) -> TrapPlan | None:
    """Return the plan for traps whose variables have this layout; None: they must be decoded.

    Args:
        body: All variables after sysUpTime.0.
    """
    layout = layout_of(body)
    if layout is None or layout.trap_oid in ENTRIES:
        return None
    columns = [each.column for each in layout.variables if each.arc is not None]
    return TrapPlan(layout, facts) if all(map(facts.is_leaf, columns)) else None
