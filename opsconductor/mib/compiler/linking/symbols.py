"""Resolve names over all modules: to where they are defined, and to OIDs.

A name is looked for in its own module, in the one it is imported from, among the names that are always
known, and last in all modules: vendors import from modules that were renamed or never published. There it
counts only when all that define it agree.
"""

from collections.abc import Iterator, Mapping

from opsconductor.mib.compiler.form import Arcs, ModuleForm
from opsconductor.mib.compiler.linking.builtin import GROUPS, NAMES, STANDARD_MODULES

MOST_CANDIDATES = 16
MOST_ARCS = 128
"""RFC 2578 section 3.5."""

LARGEST_ARC = 2**32 - 1
MOST_IMPORTS_FOLLOWED = 4
DEEPEST_SEARCH = 40
"""Names, each of which is looked for in all modules, within one OID."""

STANDARD_BRANCH = "1.3.6.1.2.1."

Symbol = tuple[str, str]
"""Module and name."""


class Symbols:
    """The names of all modules.

    Attributes:
        forms: Module by name.
    """

    def __init__(self, forms: Mapping[str, ModuleForm]) -> None:
        self.forms = forms
        self._oids: dict[Symbol, str | None] = {}
        self._everywhere: dict[str, tuple[str, ...]] = {}
        self._agreed: dict[str, Symbol | None] = {}
        self._cases: dict[str, Mapping[str, str]] = {}
        self._depth = 0

    def locate(self, module: str, name: str) -> Symbol | None:
        """Find where a name that a module uses is defined; None when no module here does."""
        form: ModuleForm | None = self.forms.get(module)
        place = module
        for _ in range(MOST_IMPORTS_FOLLOWED):
            if form is None:
                break
            if name in form.oids:
                return place, name
            place = form.imports.get(name, "")
            form = self.forms.get(place)
        return None

    def find(self, module: str, name: str) -> Symbol | None:
        """Return where a name is defined, in any module if it is not where the module imports it from."""
        found = self.locate(module, name)
        if found or self._known(module, name):
            return found
        return self._in_other_case(module, name) or self._agreed_on(name)

    def _in_other_case(self, module: str, name: str) -> Symbol | None:
        """Find a name that is defined in another case, in the module or in one that it imports from."""
        form = self.forms.get(module)
        if form is None:
            return None
        for place in (module, *sorted(set(form.imports.values()))):
            if place in self.forms and (written := self._folded(place).get(name.lower())):
                return place, written
        return None

    def _folded(self, module: str) -> Mapping[str, str]:
        if module not in self._cases:
            self._cases[module] = {name.lower(): name for name in self.forms[module].oids}
        return self._cases[module]

    def oid(self, module: str, name: str) -> str | None:
        """Return the OID of a name that a module uses; None when it is not known."""
        symbol = self.find(module, name)
        return self._known(module, name) if symbol is None else self._oid_of(symbol)

    def _known(self, module: str, name: str) -> str | None:
        """Return the OID of a name that is always known."""
        if name in GROUPS:
            form = self.forms.get(module)
            source = form.imports.get(name, "") if form else ""
            return GROUPS[name] if not source or source.startswith(STANDARD_MODULES) else None
        return NAMES.get(name)

    def value(self, module: str, arcs: Arcs) -> str | None:
        """Return the OID of a value as a module writes it."""
        if not arcs:
            return None
        first = arcs[0]
        start = str(first) if isinstance(first, int) else self.oid(module, first)
        return None if start is None else self._extend(module, start, arcs)

    def parents(self, symbol: Symbol) -> Iterator[Symbol]:
        """Yield the symbols above one, the nearest first."""
        seen = {symbol}
        while True:
            first = self._arcs(symbol)[0]
            parent = self.find(symbol[0], first) if isinstance(first, str) else None
            if parent is None or parent in seen:
                return
            seen.add(parent)
            yield parent
            symbol = parent

    def _arcs(self, symbol: Symbol) -> Arcs:
        return self.forms[symbol[0]].oids[symbol[1]] or (0,)

    def _oid_of(self, symbol: Symbol) -> str | None:
        """Resolve a definition down to a known OID, and back; a cycle has none."""
        path: dict[Symbol, None] = {}
        while symbol not in self._oids and symbol not in path:
            path[symbol] = None
            first = self._arcs(symbol)[0]
            parent = self.find(symbol[0], first) if isinstance(first, str) else None
            if parent is None:
                break
            symbol = parent
        else:
            if symbol in path:
                self._oids.update(dict.fromkeys(path))
        for each in reversed(path):
            if each not in self._oids:
                self._oids[each] = self._step(each)
            symbol = each
        return self._oids[symbol]

    def _step(self, symbol: Symbol) -> str | None:
        """Resolve a definition whose parent is resolved, or has no definition."""
        arcs = self._arcs(symbol)
        first = arcs[0]
        if isinstance(first, int):
            return self._extend(symbol[0], str(first), arcs)
        parent = self.find(symbol[0], first)
        start = self._known(symbol[0], first) if parent is None else self._oids.get(parent)
        return None if start is None else self._extend(symbol[0], start, arcs)

    def _extend(self, module: str, start: str, arcs: Arcs) -> str | None:
        """Append the arcs after the first; a name among them counts only if it is known to be below."""
        oid = start
        for arc in arcs[1:]:
            if isinstance(arc, str):
                below = NAMES.get(arc)
                symbol = self.locate(module, arc) if below is None else None
                below = self._oids.get(symbol) if symbol else below
                if below is None or not below.startswith(f"{oid}."):
                    return None
                oid = below
            elif 0 <= arc <= LARGEST_ARC:
                oid = f"{oid}.{arc}"
            else:
                return None
        return oid if oid.count(".") < MOST_ARCS else None

    def _agreed_on(self, name: str) -> Symbol | None:
        """Return a name from any module, if all that define it, or all standard ones, agree on its OID."""
        if name not in self._agreed and self._depth < DEEPEST_SEARCH:
            self._agreed[name] = None  # of a circle through this name nothing comes
            self._depth += 1
            places = self.defining(name)[:MOST_CANDIDATES]
            oids = {place: self._oid_of((place, name)) for place in places}
            known = {oid for oid in oids.values() if oid}
            if len(known) > 1:
                known = {oid for oid in known if oid.startswith(STANDARD_BRANCH)}
            if len(known) == 1:
                self._agreed[name] = next((place, name) for place, oid in oids.items() if oid in known)
            self._depth -= 1
        return self._agreed.get(name)

    def defining(self, name: str) -> tuple[str, ...]:
        """Return the modules that define a name, in alphabetical order."""
        if name not in self._everywhere:
            self._everywhere[name] = tuple(
                sorted(module for module, form in self.forms.items() if name in form.oids)
            )
        return self._everywhere[name]
