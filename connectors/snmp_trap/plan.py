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
    cut,
    instance_of,
    joined,
    shown,
)
from opsconductor.limits import BoundedMap
from opsconductor.mib.expression import AmbiguousError, Bound, Place, bind, compile_expression
from opsconductor.mib.names import convention_of, is_even, labels_of, name_of
from opsconductor.model.normalized import JsonDocument
from opsconductor.snmp.message.layout import LaidVariable, Layout, Parts, arc_text, layout_of
from opsconductor.snmp.message.tlv import INTEGER, OCTET_STRING
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import PLAIN_NUMBER, is_no_value, json_of, text_of, type_name

MOST_VALUES = 1_000
"""Contents of a variable whose texts are cached."""
LONGEST_REMEMBERED = 128
MOST_EXPRESSIONS = 100


class Value(NamedTuple):
    """A value in all forms in which it is shown."""

    text: str
    brief: str
    line: str
    json: str


class PlannedVariable:
    """A variable of a layout, and what does not depend on its last arc and content."""

    __slots__ = (
        "_convention",
        "_is_number",
        "_known",
        "_labels",
        "_tag",
        "after",
        "arc",
        "before",
        "between",
        "content",
        "label",
        "name",
    )

    def __init__(self, variable: LaidVariable) -> None:
        self.arc, self.content, self._tag = variable.arc, variable.content, variable.tag
        sample = variable.column if self.arc is None else f"{variable.column}.0"
        self.name = name_of(sample)
        self._convention = convention_of(sample) if self._tag == OCTET_STRING else ""
        self.label = (self.name or sample) if self.arc is None else (self.name or sample)[:-1]
        oid = sample if self.arc is None else sample[:-1]
        kind = f'"type":{dumps(type_name(self._tag))},"value":'
        self.before = f'{{"oid":"{oid}'
        self.between = f'","name":"{self.label}' if self.name else ""
        self.after = f'",{kind}'
        self._is_number = self._tag == INTEGER
        self._labels = labels_of(self.name) if self.name else {}
        self._known: BoundedMap[bytes, Value] = BoundedMap(MOST_VALUES)

    def value(self, content: bytes) -> Value:
        """Return a value in all its forms."""
        if self._is_number and 0 < len(content) <= PLAIN_NUMBER:
            text = str(int.from_bytes(content, "big", signed=True))
            return Value(text, text, self._labels.get(text, text), text)
        found = self._known.get(content)
        if found is None:
            text = text_of(self._tag, content, self._convention)
            json = dumps(json_of(self._tag, content, self._convention), ensure_ascii=False)
            found = Value(text, cut(text), shown(self.name, self._tag, text), json)
            if len(content) <= LONGEST_REMEMBERED:
                self._known[content] = found
        return found


class TrapPlan:
    """Reads traps of one layout.

    Attributes:
        ports: Position and column of the variables that may name a port.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variables = tuple(PlannedVariable(each) for each in layout.variables)
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
            document = {**document_of(trap, peer, forwarder)}
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
            return VarbindReading(self.varbinds()).text(expression)
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
            return VarbindReading(self.varbinds()).brief(template, resource)
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
        told = {
            column: contents[plan.variables[position].content]
            for position, column in plan.ports
            if arcs[position] == instance
        }
        key = tuple(told.items())
        found = plan.port_names.get(key)
        if found is None:
            found = plan.port_names[key] = joined(told)
        return found

    def lines(self) -> list[str]:
        """See `TrapReading`."""
        lines = [
            f"{each.label}{arc}: {value.line}"
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
        told = "" if uptime is None else f',"uptime_s":{uptime / 100!r}'
        varbinds = ",".join(
            [
                f"{each.before}{arc}{each.between}{arc if each.between else ''}{each.after}{value.json}}}"
                for each, arc, value in zip(self.plan.variables, self._arcs, self._values, strict=True)
            ]
        )
        return JsonDocument(f'{head}{told},"varbinds":[{varbinds}]}}')


def plan_of(body: bytes) -> TrapPlan | None:
    """Return the plan for traps whose variables have this layout; None: they must be decoded.

    Args:
        body: All variables after sysUpTime.0.
    """
    layout = layout_of(body)
    if layout is None or layout.trap_oid in ENTRIES:
        return None
    columns = [each.column for each in layout.variables if each.arc is not None]
    return TrapPlan(layout) if all(map(is_even, columns)) else None
