"""Facts of all notifications from the forms of all modules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from opsconductor.mib.compiler.form import ModuleForm, TrapForm
from opsconductor.mib.compiler.linking.objects import Objects
from opsconductor.mib.compiler.linking.symbols import Symbol, Symbols
from opsconductor.mib.facts import NotificationFact, ObjectFact, ObjectReference
from opsconductor.mib.vendors import ENTERPRISES_ROOT, vendor_of_oid

SNMP_GROUP = "1.3.6.1.2.1.11"
GENERIC_TRAPS = "1.3.6.1.6.3.1.1.5"
GENERIC = 6
"""Traps of the enterprise `snmp` with a lower number are generic: RFC 3584 section 3.1."""

STANDARD = "standard"
"""Vendor of OIDs that are not below an enterprise number."""


@dataclass(frozen=True, slots=True)
class UndefinedNames:
    """Names that a module needs and that nothing defines.

    Attributes:
        module: Needs them.
        source: Module from which they are imported; empty when from none.
    """

    module: str
    source: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Linked:
    """The facts of all modules, in the order of modules and names.

    Attributes:
        objects: Those that notifications use, and the nodes above objects and notifications, without syntax.
    """

    notifications: list[NotificationFact] = field(default_factory=list)
    objects: list[ObjectFact] = field(default_factory=list)
    missing: list[UndefinedNames] = field(default_factory=list)


def link(forms: Mapping[str, ModuleForm]) -> Linked:
    """Resolve all names and make the facts of notifications, and of the objects that they use."""
    linker = _Linker(forms)
    for name in sorted(forms):
        linker.add(forms[name])
    return linker.result()


class _Linker:
    def __init__(self, forms: Mapping[str, ModuleForm]) -> None:
        self._symbols = Symbols(forms)
        self._objects = Objects(self._symbols)
        self._notifications: list[NotificationFact] = []
        self._used: set[Symbol] = set()
        self._missing: dict[Symbol, set[str]] = defaultdict(set)

    def add(self, form: ModuleForm) -> None:
        """Return the facts of the notifications of one module."""
        for name, objects in sorted(form.notifications.items()):
            self._used.add((form.name, name))
            self._add(form, name, objects, self._symbols.oid(form.name, name))
        for name, trap in sorted(form.traps.items()):
            self._add(form, name, trap.objects, self._trap_oid(form, trap))
        for name in form.oids:
            if self._symbols.oid(form.name, name) is None:
                self._note_root(form, name)

    def result(self) -> Linked:
        """Return all facts."""
        for module, names in self._objects.missing.items():
            for name in names:
                self._note(self._symbols.forms[module], name)
        objects = [*self._objects.facts.values(), *self._nodes()]
        return Linked(
            self._notifications,
            sorted(objects, key=lambda fact: (fact.module, fact.name)),
            [UndefinedNames(*place, tuple(sorted(names))) for place, names in sorted(self._missing.items())],
        )

    def _add(self, form: ModuleForm, name: str, objects: Iterable[str], oid: str | None) -> None:
        """Add a notification; one without OID is skipped."""
        references = []
        for each in objects:
            symbol = self._symbols.find(form.name, each)
            known = self._symbols.oid(form.name, each)
            if symbol:
                self._objects.add(symbol)
            if known is None:
                self._note(form, each)
            references.append(ObjectReference(symbol[1] if symbol else each, known or ""))
        if oid is not None:
            vendor = vendor_of_oid(oid) or "" if oid.startswith(ENTERPRISES_ROOT) else STANDARD
            self._notifications.append(NotificationFact(oid, name, form.name, tuple(references), vendor))

    def _trap_oid(self, form: ModuleForm, trap: TrapForm) -> str | None:
        """Return the OID of a trap of SNMPv1 in the form of SNMPv2.

        Without ENTERPRISE, that of the other traps of the module is used, if they have one.
        """
        arcs = trap.enterprise
        if not arcs:
            others = {other.enterprise for other in form.traps.values() if other.enterprise}
            if len(others) != 1:
                self._missing[form.name, ""].add("ENTERPRISE")
                return None
            arcs = others.pop()
        enterprise = self._symbols.value(form.name, arcs)
        if enterprise is None:
            self._note(form, str(arcs[0]))
            return None
        if isinstance(arcs[0], str) and (symbol := self._symbols.find(form.name, arcs[0])):
            self._used.add(symbol)
        if enterprise == SNMP_GROUP and 0 <= trap.number < GENERIC:
            return f"{GENERIC_TRAPS}.{trap.number + 1}"
        return f"{enterprise}.0.{trap.number}" if trap.number >= 0 else None

    def _note_root(self, form: ModuleForm, name: str) -> None:
        """Record the missing name above a name without OID, if that is in the same module."""
        top = name
        for module, parent in self._symbols.parents((form.name, name)):
            if module != form.name:
                return
            top = parent
        first = form.oids[top][0] if form.oids[top] else top
        self._note(form, str(first))

    def _note(self, form: ModuleForm, name: str) -> None:
        self._missing[form.name, form.imports.get(name, "")].add(name)

    def _nodes(self) -> Iterable[ObjectFact]:
        """Return the nodes above facts, once for each OID; the module that sorts first provides its name."""
        above: set[Symbol] = set()
        for symbol in self._objects.facts.keys() | self._used:
            for parent in self._symbols.parents(symbol):
                if parent in above:
                    break
                above.add(parent)
        above |= {each for each in self._used if not self._is_notification(each)}
        nodes: dict[str, ObjectFact] = {}
        for symbol in sorted(above - self._objects.facts.keys()):
            node = self._objects.node(symbol)
            if node is not None:
                nodes.setdefault(node.oid, node)
        return nodes.values()

    def _is_notification(self, symbol: Symbol) -> bool:
        return symbol[1] in self._symbols.forms[symbol[0]].notifications
