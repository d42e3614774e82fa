"""A variable of a layout, and texts that are filled with the values of such variables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from json import dumps
from types import CodeType

from opsconductor.limits import BoundedMap
from opsconductor.mib.decode.naming import is_even, name_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.snmp.message.layout import LaidVariable
from opsconductor.snmp.message.values import PLAIN_NUMBER, type_name
from opsconductor.snmp.variable import readers_of

MOST_VALUES = 1_000
"""Contents of a variable whose texts are cached."""
LONGEST_REMEMBERED = 128
MOST_FORMS = 1_000
"""Compiled forms of fillings that are cached."""

FORMS = ("text", "brief", "line", "json")
"""The forms in which a value is shown; `json`: with its meaning, as in the document of a trap."""

Piece = str | int
"""A piece of a text: fixed, or the position of one in the texts of the trap."""


Filling = Callable[[Sequence[str]], str]
"""Returns the text of a trap, given the texts of its values."""


def filling_of(pieces: Iterable[Piece]) -> Filling:
    """Return a text with gaps as a function; compiled, it takes a third of the time of the operator `%`."""
    names: dict[str, object] = {"join": "".join}
    parts = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, str):
            names[f"fixed_{number}"] = piece
        parts.append(f"fixed_{number}" if isinstance(piece, str) else f"texts[{piece}]")
    code = _compiled(f"lambda texts: join(({', '.join(parts)},))" if parts else "lambda texts: ''")
    filling: Filling = eval(code, names)  # noqa: S307 - names and numbers only
    return filling


@lru_cache(maxsize=MOST_FORMS)
def _compiled(source: str) -> CodeType:
    """Compile a filling; those of most layouts have the same few forms."""
    return compile(source, "<filling>", "eval")


def joined_by(separator: str, parts: Iterable[Sequence[Piece]]) -> Filling:
    """Return one text of several, with a separator between them."""
    pieces = [piece for part in parts for piece in (separator, *part)]
    return filling_of(pieces[1:])


class PlannedVariable:
    """A variable of a layout, and what does not depend on its last arc and content.

    Attributes:
        arc: Position of the last arc in `Parts`; None: it does not differ.
        content: Position of the content in `Parts`.
        is_number: All forms of its value are the same decimal number.
        prefix: Its name without the last arc; None: the name depends on it.
        find: Returns the forms of a value that is cached, or None.
        arc_at: Position of the last arc in the texts of a trap.
        name_at: Positions of the name that depends on the arc: as it is, and as JSON.
        value_at: Position of each form of the value.
    """

    __slots__ = (
        "_facts",
        "_is_named",
        "_known",
        "_oid",
        "_reader",
        "_type",
        "arc",
        "arc_at",
        "content",
        "find",
        "is_number",
        "name_at",
        "prefix",
        "value_at",
    )

    def __init__(self, variable: LaidVariable, facts: MibFacts) -> None:
        self.arc, self.content = variable.arc, variable.content
        self.arc_at = 0
        self.name_at = (0, 0)
        self.value_at: Mapping[str, int] = {}
        self._facts = facts
        self._oid = variable.column if self.arc is None else f"{variable.column}."
        sample = variable.column if self.arc is None else f"{variable.column}.1"
        self._reader = readers_of(facts).of(sample, variable.tag)
        self.is_number = self._reader.is_plain_number and 0 < variable.size <= PLAIN_NUMBER
        name = name_of(facts, sample)
        self._is_named = name is not None
        name = name or sample
        is_fixed = self.arc is None or is_even(facts, variable.column)
        self.prefix = None if not is_fixed else name if self.arc is None else name[:-1]
        self._type = f',"type":{dumps(type_name(variable.tag))},"value":'
        self._known: BoundedMap[bytes, Sequence[str]] = BoundedMap(MOST_VALUES)
        self.find = self._known.get

    def name(self, arc: str) -> tuple[str, str]:
        """Return the name, or the OID, with this last arc: as it is, and as JSON."""
        oid = self._oid + arc
        name = name_of(self._facts, oid) or oid
        return name, dumps(name, ensure_ascii=False)

    def read(self, content: bytes) -> Sequence[str]:
        """Return the forms of a value, and cache them."""
        read = self._reader.read(content)
        json = dumps(read.json, ensure_ascii=False)
        if read.meaning:
            json = f'{json},"meaning":{dumps(read.meaning, ensure_ascii=False)}'
        forms = (read.text, read.brief, read.line, json)
        if len(content) <= LONGEST_REMEMBERED:
            self._known[content] = forms
        return forms

    def line(self) -> Sequence[Piece]:
        """Return its line in the message of a trap."""
        name = [self.name_at[0]] if self.prefix is None else [self.prefix, *self._arc()]
        return [*name, ": ", self.value_at["line"]]

    def document(self) -> Sequence[Piece]:
        """Return it as JSON, as `document_of` has it."""
        name: Sequence[Piece] = ()
        if self._is_named and self.prefix is None:
            name = (',"name":', self.name_at[1])
        elif self._is_named:
            name = (f',"name":{dumps(self.prefix, ensure_ascii=False)[:-1]}', *self._arc(), '"')
        return [f'{{"oid":"{self._oid}', *self._arc(), '"', *name, self._type, self.value_at["json"], "}"]

    def _arc(self) -> Sequence[int]:
        return () if self.arc is None else (self.arc_at,)
