"""Plan for traps of one layout: names, types and bound expressions, computed once."""

from collections.abc import Sequence
from json import dumps
from typing import NamedTuple

from connectors.snmp_trap.alarm_entries import ENTRIES
from connectors.snmp_trap.document import document_of
from connectors.snmp_trap.reading import (
    MOST_LINES,
    PORT_COLUMNS,
    VarbindReading,
    instance_of,
    joined,
)
from opsconductor.limits import BoundedMap
from opsconductor.mib.decode.naming import is_even, name_of
from opsconductor.mib.expression import AmbiguousError, Bound, Place, bind, compile_expression
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.unmapped import ShownVariable
from opsconductor.model.normalized import JsonDocument
from opsconductor.snmp.message.layout import LaidVariable, Layout, Parts, arc_text, layout_of
from opsconductor.snmp.message.tlv import OCTET_STRING
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import PLAIN_NUMBER, is_no_value, type_name
from opsconductor.snmp.variable import readers_of

MOST_VALUES = 1_000
"""Contents of a variable whose texts are cached."""
LONGEST_REMEMBERED = 128
MOST_EXPRESSIONS = 100


class Value(NamedTuple):
    """A value in all forms in which it is shown.

    Attributes:
        json: The value and its meaning, as in the document of a trap.
    """

    text: str
    brief: str
    line: str
    json: str


class PlannedVariable:
    """A variable of a layout, and what does not depend on its last arc and content."""

    __slots__ = ("_facts", "_is_named", "_known", "_oid", "_prefix", "_reader", "_type", "arc", "content")

    def __init__(self, variable: LaidVariable, facts: MibFacts) -> None:
        self.arc, self.content = variable.arc, variable.content
        self._facts = facts
        self._oid = variable.column if self.arc is None else f"{variable.column}."
        sample = variable.column if self.arc is None else f"{variable.column}.1"
        self._reader = readers_of(facts).of(sample, variable.tag)
        name = name_of(facts, sample)
        self._is_named = name is not None
        name = name or sample
        is_fixed = self.arc is None or is_even(facts, variable.column)
        self._prefix = None if not is_fixed else name if self.arc is None else name[:-1]
        self._type = f',"type":{dumps(type_name(variable.tag))},"value":'
        self._known: BoundedMap[bytes, Value] = BoundedMap(MOST_VALUES)

    def name(self, arc: str) -> str:
        """Return the name, or the OID, with this last arc."""
        if self._prefix is not None:
            return self._prefix + arc
        oid = self._oid + arc
        return name_of(self._facts, oid) or oid

    @property
    def pieces(self) -> tuple[str, str, str] | None:
        """Return what precedes OID, name and value in `document`; None: its name depends on the arc."""
        name = self._prefix
        if name is None or not self._is_named or '"' in name:
            return None
        return f'{{"oid":"{self._oid}', f'","name":"{name}', f'"{self._type}'

    def document(self, arc: str, value: Value) -> str:
        """Return the variable as JSON, as `document_of` has it."""
        name = self.name(arc) if self._is_named else ""
        named = f',"name":{_quoted(name)}' if name else ""
        return f'{{"oid":"{self._oid}{arc}"{named}{self._type}{value.json}}}'

    def value(self, content: bytes) -> Value:
        """Return a value in all its forms."""
        if self._reader.is_plain_number and 0 < len(content) <= PLAIN_NUMBER:
            text = str(int.from_bytes(content, "big", signed=True))
            return Value(text, text, text, text)
        found = self._known.get(content)
        if found is None:
            read = self._reader.read(content)
            json = dumps(read.json, ensure_ascii=False)
            if read.meaning:
                json = f'{json},"meaning":{dumps(read.meaning, ensure_ascii=False)}'
            found = Value(read.text, read.brief, read.line, json)
            if len(content) <= LONGEST_REMEMBERED:
                self._known[content] = found
        return found


class TrapPlan:
    """Reads traps of one layout.

    Attributes:
        pieces: See `PlannedVariable`; None: a variable has none.
        ports: Position and column of the variables that may name a port.
    """

    def __init__(self, layout: Layout, facts: MibFacts) -> None:
        self.layout = layout
        self.facts = facts
        self.variables = tuple(PlannedVariable(each, facts) for each in layout.variables)
        pieces = [each.pieces for each in self.variables]
        self.pieces = [each for each in pieces if each is not None] if all(pieces) else None
        self.ports = tuple(
            (position, each.column)
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
        try:
            return self._bound[expression]
        except KeyError:
            pass
        try:
            found: Sequence[Bound] | None = bind(compile_expression(expression), self._places)
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
        self._arcs: list[str] = []
        self._values: list[Value] = []

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
        arcs, contents = self._arcs, self.parts
        columns = {
            column: contents[plan.variables[position].content]
            for position, column in plan.ports
            if arcs[position] == instance
        }
        key = tuple(columns.items())
        found = plan.port_names.get(key)
        if found is None:
            found = plan.port_names[key] = joined(columns)
        return found

    def instance(self, arcs: str) -> str:
        """See `TrapReading`."""
        return VarbindReading(self.varbinds(), self.plan.facts).instance(arcs)

    def shown(self) -> list[ShownVariable]:
        """See `TrapReading`."""
        return VarbindReading(self.varbinds(), self.plan.facts).shown()

    def lines(self) -> list[str]:
        """See `TrapReading`."""
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


def _quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False) if '"' in text else f'"{text}"'
