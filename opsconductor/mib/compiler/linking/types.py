"""Resolve the type of an object over all modules: down to its base type."""

from dataclasses import dataclass

from opsconductor.mib.compiler.form import Syntax, TypeForm
from opsconductor.mib.compiler.linking.builtin import BASE_TYPES, TYPES
from opsconductor.mib.compiler.linking.symbols import MOST_IMPORTS_FOLLOWED, Symbol, Symbols

LONGEST_CHAIN = 16
"""Textual conventions that refine one another."""


@dataclass(frozen=True, slots=True)
class ResolvedType:
    """A type as facts describe it.

    Attributes:
        base: Empty when its definition is missing.
        missing: Name of the textual convention that nothing defines; empty when none is missing.
    """

    base: str
    convention: str = ""
    enumeration: tuple[tuple[int, str], ...] = ()
    size: int | None = None
    display_hint: str = ""
    missing: str = ""


class Types:
    """The textual conventions of all modules."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._everywhere: dict[str, Symbol | None] = {}

    def resolve(self, module: str, syntax: Syntax) -> ResolvedType:
        """Follow a syntax to its base type; the first type with labels, a size or a hint provides them."""
        convention = "" if syntax.type in BASE_TYPES else syntax.type
        enumeration, size, hint = syntax.enumeration, syntax.size, ""
        for _ in range(LONGEST_CHAIN):
            base = BASE_TYPES.get(syntax.type)
            found = self._find(module, syntax.type)
            if found is None:
                missing = "" if base else syntax.type
                guessed = base or ("INTEGER" if enumeration else "")
                return ResolvedType(guessed, convention, enumeration, size, hint, missing)
            module, definition = found
            syntax = definition.syntax
            enumeration = enumeration or syntax.enumeration
            size = syntax.size if size is None else size
            hint = hint or definition.display_hint
        return ResolvedType("", convention, enumeration, size, hint)

    def _find(self, module: str, name: str) -> tuple[str, TypeForm] | None:
        """Return the definition of a type that a module uses, and the module that defines it.

        Base types have none, though SNMPv2-SMI and RFC1155-SMI seem to define some.
        """
        if name in BASE_TYPES or not name:
            return None
        place, form = module, self._symbols.forms.get(module)
        for _ in range(MOST_IMPORTS_FOLLOWED):
            if form is None:
                break
            if name in form.types:
                return place, form.types[name]
            place = form.imports.get(name, "")
            form = self._symbols.forms.get(place)
        if name in TYPES:
            return "", TYPES[name]
        symbol = self._anywhere(name)
        return symbol and (symbol[0], self._symbols.forms[symbol[0]].types[name])

    def _anywhere(self, name: str) -> Symbol | None:
        """Find a type that is defined in any module, if all definitions are the same."""
        if name not in self._everywhere:
            places = sorted(module for module, form in self._symbols.forms.items() if name in form.types)
            definitions = {self._symbols.forms[place].types[name] for place in places}
            self._everywhere[name] = (places[0], name) if len(definitions) == 1 else None
        return self._everywhere[name]
