"""Facts of objects, with the index of their rows."""

from opsconductor.mib.compiler.form import ObjectForm, Syntax
from opsconductor.mib.compiler.linking.builtin import BASE_TYPES
from opsconductor.mib.compiler.linking.symbols import Symbol, Symbols
from opsconductor.mib.compiler.linking.types import Types
from opsconductor.mib.facts import IndexPart, ObjectFact

MOST_AUGMENTED = 8
"""Rows that augment one another."""

NOTIFY_ONLY = "accessible-for-notify"
COLUMN_ARCS = 2
"""The OID of a column is its row and a number."""

Index = tuple[tuple[IndexPart, Symbol | None], ...]
"""The parts of an index, each with the object that it names."""


class Objects:
    """The objects of all modules.

    Attributes:
        facts: Those that were requested, by symbol.
        missing: Names of undefined types, by the module that uses them.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._types = Types(symbols)
        self._indexes: dict[Symbol, Index] = {}
        self.facts: dict[Symbol, ObjectFact] = {}
        self.missing: dict[str, set[str]] = {}

    def add(self, symbol: Symbol) -> None:
        """Return the facts of an object and of the objects in the index of its row; others have none."""
        waiting = [symbol]
        while waiting:
            each = waiting.pop()
            if each in self.facts or (form := self._form(each)) is None or not form.syntax.type:
                continue
            oid = self._symbols.oid(*each)
            if oid is None:
                continue
            index = self._index_of(each)
            self.facts[each] = self._fact(each, oid, form, tuple(part for part, _ in index))
            waiting.extend(named for _, named in index if named)

    def node(self, symbol: Symbol) -> ObjectFact | None:
        """Return the fact of a node, which names what is below it; a row has its index."""
        oid = self._symbols.oid(*symbol)
        if oid is None:
            return None
        form = self._form(symbol)
        is_row = form is not None and (form.index or form.augments)
        index = tuple(part for part, _ in self._index_of_row(symbol)) if is_row else ()
        return ObjectFact(oid, symbol[1], symbol[0], "", index=index)

    def _form(self, symbol: Symbol) -> ObjectForm | None:
        return self._symbols.forms[symbol[0]].objects.get(symbol[1])

    def _fact(self, symbol: Symbol, oid: str, form: ObjectForm, index: tuple[IndexPart, ...]) -> ObjectFact:
        module, name = symbol
        resolved = self._types.resolve(module, form.syntax)
        if resolved.missing:
            self.missing.setdefault(module, set()).add(resolved.missing)
        return ObjectFact(
            oid=oid,
            name=name,
            module=module,
            syntax=resolved.base,
            convention=resolved.convention,
            enumeration=resolved.enumeration,
            units=form.units,
            display_hint=resolved.display_hint,
            index=index,
            is_accessible_for_notify_only=form.access == NOTIFY_ONLY,
        )

    def _index_of(self, symbol: Symbol) -> Index:
        """Return the index of the row that a column belongs to; of a scalar, nothing."""
        module, name = symbol
        arcs = self._symbols.forms[module].oids[name]
        if len(arcs) != COLUMN_ARCS or not isinstance(arcs[0], str):
            return ()
        row = self._symbols.find(module, arcs[0])
        return self._index_of_row(row) if row else ()

    def _index_of_row(self, row: Symbol) -> Index:
        if row not in self._indexes:
            self._indexes[row] = self._read_index(row)
        return self._indexes[row]

    def _read_index(self, row: Symbol) -> Index:
        place: Symbol | None = row
        for _ in range(MOST_AUGMENTED):
            form = self._form(place) if place else None
            if place is None or form is None:
                return ()
            if form.index:
                return tuple(self._part(place[0], name, is_implied=implied) for implied, name in form.index)
            place = self._symbols.find(place[0], form.augments) if form.augments else None
        return ()

    def _part(self, module: str, name: str, *, is_implied: bool) -> tuple[IndexPart, Symbol | None]:
        """Describe one part of an index; SMIv1 allows a base type in place of an object."""
        if name in BASE_TYPES:
            return IndexPart("", BASE_TYPES[name], is_implied=is_implied), None
        symbol = self._symbols.find(module, name)
        form = self._form(symbol) if symbol else None
        if symbol is None or form is None:
            return IndexPart(name, "", is_implied=is_implied), None
        resolved = self._types.resolve(symbol[0], form.syntax if form.syntax.type else Syntax("INTEGER"))
        part = IndexPart(name, resolved.base, resolved.convention, is_implied, resolved.size)
        return part, symbol
