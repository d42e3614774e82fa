"""Plan for traps of one layout: names, types and bound expressions, computed once."""

from collections.abc import Sequence
from itertools import count
from json import dumps

from connectors.snmp_trap.alarm_entries import ENTRIES
from connectors.snmp_trap.evaluate import Applying
from connectors.snmp_trap.planned_variable import (
    FORMS,
    Filling,
    Piece,
    PlannedVariable,
    filling_of,
    joined_by,
)
from connectors.snmp_trap.reading import (
    MOST_LINES,
    PORT_COLUMNS,
    VarbindReading,
    document_of,
    instance_of,
    joined,
    left_out,
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

RESOURCE = 0
"""Position of the resource in the texts of a trap."""


class TrapPlan:
    """Reads traps of one layout.

    Attributes:
        listing: The lines of a trap's message.
        variables: The variables in a trap's document.
        ports: The variables that may name a port, and the column of each.
        applying: What applies to all traps of this layout; None: not known, or it depends on their values.
    """

    def __init__(self, layout: Layout, facts: MibFacts) -> None:
        self.layout = layout
        self.facts = facts
        self.applying: Applying | None = None
        self._planned = planned = [PlannedVariable(each, facts) for each in layout.variables]
        self._arcs = [each.arc for each in planned if each.arc is not None]
        self._uneven = [each for each in planned if each.prefix is None]
        self._numbers = [each.content for each in planned if each.is_number]
        self._others = [(each.find, each.content, each.read) for each in planned if not each.is_number]
        self._place_texts()
        lines = [*(each.line() for each in planned[:MOST_LINES]), *([line] for line in left_out(planned))]
        self.listing = joined_by("\n", lines)
        self.variables = joined_by(",", [each.document() for each in planned])
        self.ports = tuple(
            (variable, each.column)
            for variable, each in zip(planned, layout.variables, strict=True)
            if each.tag == OCTET_STRING and each.arc is not None and each.column in PORT_COLUMNS
        )
        self._places = tuple(
            Place(each.column, each.arc is not None, not is_no_value(each.tag, bytes(each.size)))
            for each in layout.variables
        )
        self._bound: dict[str, BoundedMap[str, Filling | None]] = {
            form: BoundedMap(MOST_EXPRESSIONS) for form in ("text", "brief")
        }
        self.find_text, self.find_brief = self._bound["text"].get, self._bound["brief"].get
        self._heads: BoundedMap[tuple[str, str], str] = BoundedMap(MOST_VALUES)
        self.port_names: BoundedMap[tuple[tuple[str, bytes], ...], str] = BoundedMap(MOST_VALUES)

    def _place_texts(self) -> None:
        """Set where the texts of each variable are in those of `open`."""
        position = count(RESOURCE + 1)
        for each in self._planned:
            each.arc_at = RESOURCE if each.arc is None else next(position)
        for each in self._uneven:
            each.name_at = next(position), next(position)
        for each in self._planned:
            if each.is_number:
                each.value_at = dict.fromkeys(FORMS, next(position))
        for each in self._planned:
            if not each.is_number:
                each.value_at = {form: next(position) for form in FORMS}

    def open(self, parts: Parts) -> list[str]:
        """Return the texts of a trap: resource, last arcs, names with these, numbers, other values."""
        arcs = [parts[arc] for arc in self._arcs]
        if arcs and arcs.count(arcs[0]) == len(arcs):  # as mostly: one row of a table
            texts = ["", *[arc_text(arcs[0])] * len(arcs)]
        else:
            texts = ["", *map(arc_text, arcs)]
        for each in self._uneven:
            texts += each.name(texts[each.arc_at])
        for content in self._numbers:
            texts.append(str(int.from_bytes(parts[content], "big", signed=True)))
        for find, content, read in self._others:
            texts += find(parts[content]) or read(parts[content])
        return texts

    def bind(self, expression: str, form: str) -> Filling | None:
        """Return an expression as a text of any trap; None: its variables differ from trap to trap.

        Args:
            form: Of the values, `text` or `brief`; remembered for `find_text` and `find_brief`.
        """
        known = self._bound[form]
        if expression not in known:
            try:
                bound = bind(compile_expression(expression), self._places)
            except AmbiguousError:
                known[expression] = None
            else:
                known[expression] = filling_of(piece for part in bound for piece in self._pieces(part, form))
        return known[expression]

    def _pieces(self, part: Bound, form: str) -> Sequence[Piece]:
        if part is None:
            return (RESOURCE,)
        if isinstance(part, str):
            return (part,)
        variable = self._planned[part.position]
        if part.instance is None:
            return (variable.value_at[form],)
        return part.instance, variable.arc_at

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

    __slots__ = ("_texts", "parts", "plan")

    _texts: list[str]
    enterprise = agent_address = trap_address = engine_id = ""
    faults: tuple[str, ...] = ()

    def __init__(self, plan: TrapPlan, parts: Parts) -> None:
        self.plan = plan
        self.parts = parts

    @property
    def trap_oid(self) -> str:
        """Return the value of snmpTrapOID.0."""
        return self.plan.layout.trap_oid

    def open(self) -> "PlannedTrap":
        """Read arcs and values; call before any other method."""
        self._texts = self.plan.open(self.parts)
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
        filling = self.plan.find_text(expression) or self.plan.bind(expression, "text")
        return self._decoded().text(expression) if filling is None else filling(self._texts)

    def brief(self, template: str, resource: str) -> str:
        """See `TrapReading`."""
        filling = self.plan.find_brief(template) or self.plan.bind(template, "brief")
        if filling is None:
            return self._decoded().brief(template, resource)
        self._texts[RESOURCE] = resource
        return filling(self._texts)

    def port(self, resource: str) -> str:
        """See `TrapReading`."""
        plan = self.plan
        instance = instance_of(resource) if plan.ports else ""
        if not instance:
            return ""
        texts, parts = self._texts, self.parts
        key = tuple(
            [(column, parts[each.content]) for each, column in plan.ports if texts[each.arc_at] == instance]
        )
        found = plan.port_names.get(key)
        if found is None:
            found = plan.port_names[key] = joined(dict(key))
        return found

    def instance(self, arcs: str) -> str:
        """See `TrapReading`."""
        return self._decoded().instance(arcs)

    def shown(self) -> list[ShownVariable]:
        """See `TrapReading`."""
        return self._decoded().shown()

    def listing(self) -> str:
        """See `TrapReading`."""
        return self.plan.listing(self._texts)

    def document(self, uptime: int | None, peer: str, forwarder: str) -> JsonDocument:
        """Return the result of `document_of`, already serialized."""
        head = self.plan.head(peer, forwarder)
        since = "" if uptime is None else f',"uptime_s":{uptime / 100!r}'
        return JsonDocument(f'{head}{since},"varbinds":[{self.plan.variables(self._texts)}]}}')

    def _decoded(self) -> VarbindReading:
        """Return the reading of what a plan cannot know before the trap arrives."""
        return VarbindReading(self.varbinds(), self.plan.facts)


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
