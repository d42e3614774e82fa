"""Conversion of pysmi's syntax tree of a module into compact form."""

from collections import Counter
from typing import Any

from opsconductor.mib.compiler.annotations import text_of
from opsconductor.mib.compiler.cleaning import CleanText
from opsconductor.mib.compiler.form import (
    Arcs,
    ModuleForm,
    ObjectForm,
    ParsedModule,
    Syntax,
    TrapForm,
    TypeForm,
)
from opsconductor.mib.compiler.identifiers import decoded
from opsconductor.mib.compiler.parsing import Declaration, Parsed, parse
from opsconductor.mib.compiler.repairing import MISSING
from opsconductor.mib.compiler.splitting import Definition, ModuleText
from opsconductor.mib.facts import NotificationText

LONGEST_TEXT = 255
"""Characters of units and display hints."""

MOST_LABELS = 4096
"""Labels of one enumeration; the rest is left out."""

MOST_REASONS = 20


def read_module(source: CleanText, module: ModuleText) -> ParsedModule:
    """Parse one module of a file.

    Returns:
        All that could be read, with the faults; an empty form for a module that could not be read at all.
    """
    parsed = parse(module.assignments)
    reader = _Reader(source)
    for position, declaration in sorted(parsed.declarations.items()):
        reader.read(module.assignments[position], declaration)
    form = ModuleForm(
        name=module.name,
        updated=module.updated,
        imports=module.imports,
        oids=reader.oids,
        types=reader.types,
        objects=reader.objects,
        notifications=reader.notifications,
        traps=reader.traps,
        skipped=(*(module.assignments[position].name for position in parsed.skipped), *module.oversized),
    )
    return ParsedModule(form, reader.texts, _faults(module, parsed))


def _faults(module: ModuleText, parsed: Parsed) -> tuple[str, ...]:
    reasons = Counter(
        f"{module.assignments[position].kind}: {why}" for position, why in parsed.skipped.items()
    )
    if module.oversized:
        reasons["a definition is longer than what is read"] = len(module.oversized)
    return tuple(f"{reason} ({count} times)" for reason, count in reasons.most_common(MOST_REASONS))


class _Reader:
    """Collects the declarations of one module by name."""

    def __init__(self, source: CleanText) -> None:
        self._source = source
        self.oids: dict[str, Arcs] = {}
        self.types: dict[str, TypeForm] = {}
        self.objects: dict[str, ObjectForm] = {}
        self.notifications: dict[str, tuple[str, ...]] = {}
        self.traps: dict[str, TrapForm] = {}
        self.texts: dict[str, NotificationText] = {}

    def read(self, assignment: Definition, declaration: Declaration) -> None:
        """Add one declaration; of two with one name the first counts."""
        name, clause = assignment.name, declaration[0]
        if name in self.oids or name in self.types or name in self.traps:
            return
        if clause == "typeDeclaration":
            self._read_type(name, declaration[2])
        elif clause == "trapTypeClause":
            self._read_trap(assignment, declaration)
        else:
            self.oids[name] = _arcs(declaration[-1])
            if clause == "objectTypeClause":
                self.objects[name] = self._object(declaration)
            elif clause == "notificationTypeClause":
                self.notifications[name] = _names(declaration[2])
                self.texts[name] = text_of(self._source, assignment, _described(declaration[4]))

    def _read_type(self, name: str, definition: Any) -> None:
        if not definition:
            return
        hint = definition[1] if len(definition) > 2 else None  # noqa: PLR2004 - a textual convention
        text = self._source.string(hint[1])[:LONGEST_TEXT] if hint else ""
        self.types[name] = TypeForm(_syntax(definition[-1]), text)

    def _read_trap(self, assignment: Definition, declaration: Declaration) -> None:
        _, _, enterprise, variables, description, _, number = declaration
        arcs = _arcs(enterprise)
        self.traps[assignment.name] = TrapForm(() if arcs == (MISSING,) else arcs, number, _names(variables))
        self.texts[assignment.name] = text_of(self._source, assignment, _described(description))

    def _object(self, declaration: Declaration) -> ObjectForm:
        _, _, syntax, units, access, _, _, _, augments, index, _, _ = declaration
        return ObjectForm(
            _syntax(syntax),
            units=self._source.string(units[1])[:LONGEST_TEXT] if units else "",
            access=access[1] if access else "",
            index=tuple((bool(implied), decoded(part)) for implied, part in index[1]) if index else (),
            augments=decoded(augments) if augments else "",
        )


def _described(description: Any) -> str:
    return description[1] if description and isinstance(description[1], str) else ""


def _arcs(identifier: Any) -> Arcs:
    """Read an OID: of an arc with name and number the number counts, but of the first one the name."""
    arcs: list[str | int] = []
    for position, arc in enumerate(identifier[1]):
        if isinstance(arc, tuple):
            arcs.append(arc[1] if position or arc[0] not in _ROOTS else _ROOTS[arc[0]])
        else:
            arcs.append(decoded(arc) if isinstance(arc, str) else arc)
    return tuple(arcs)


_ROOTS = {"ccitt": 0, "itu-t": 0, "iso": 1, "joint-iso-ccitt": 2}


def _names(clause: Any) -> tuple[str, ...]:
    return tuple(decoded(name) for name in clause[1] if isinstance(name, str)) if clause else ()


def _syntax(syntax: Any) -> Syntax:
    """Read a syntax clause; a table has none."""
    kind, name = syntax[0], syntax[1]
    if kind in ("conceptualTable", "SEQUENCE"):
        return Syntax("")
    if kind == "BITS":
        return Syntax("BITS", _labels(name))
    subtype = syntax[2] if len(syntax) > 2 else None  # noqa: PLR2004 - type and subtype
    name = decoded(name)
    if not subtype:
        return Syntax(name)
    if subtype[0] == "enumSpec":
        return Syntax(name, _labels(subtype[1]))
    return Syntax(name, size=_fixed(subtype[1]) if subtype[0] == "octetStringSubType" else None)


def _labels(items: Any) -> tuple[tuple[int, str], ...]:
    """Return the labels of an enumeration by number, ascending; of two with one number the first counts."""
    labels: dict[int, str] = {}
    for label, number in items[:MOST_LABELS]:
        labels.setdefault(number, decoded(label))
    return tuple(sorted(labels.items()))


def _fixed(ranges: Any) -> int | None:
    """Return the one length that a SIZE clause allows, or None."""
    lengths = {bound for each in ranges for bound in each}
    return length if len(lengths) == 1 and isinstance(length := lengths.pop(), int) else None
