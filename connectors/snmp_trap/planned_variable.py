"""A variable of a layout, and the forms in which its values are shown."""

from json import dumps
from typing import NamedTuple

from opsconductor.limits import BoundedMap
from opsconductor.mib.decode.naming import is_even, name_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.snmp.message.layout import LaidVariable
from opsconductor.snmp.message.values import PLAIN_NUMBER, type_name
from opsconductor.snmp.variable import readers_of

MOST_VALUES = 1_000
"""Contents of a variable whose texts are cached."""
LONGEST_REMEMBERED = 128


class Value(NamedTuple):
    """A value in all forms in which it is shown.

    Attributes:
        json: The value and its meaning, as in the document of a trap.
    """

    text: str
    brief: str
    line: str
    json: str


_value = Value._make


class PlannedVariable:
    """A variable of a layout, and what does not depend on its last arc and content.

    Attributes:
        prefix: Its name without the last arc; None: the name depends on it.
    """

    __slots__ = (
        "_facts",
        "_is_named",
        "_is_number",
        "_known",
        "_oid",
        "_reader",
        "_type",
        "arc",
        "content",
        "prefix",
    )

    def __init__(self, variable: LaidVariable, facts: MibFacts) -> None:
        self.arc, self.content = variable.arc, variable.content
        self._facts = facts
        self._oid = variable.column if self.arc is None else f"{variable.column}."
        sample = variable.column if self.arc is None else f"{variable.column}.1"
        self._reader = readers_of(facts).of(sample, variable.tag)
        self._is_number = self._reader.is_plain_number
        name = name_of(facts, sample)
        self._is_named = name is not None
        name = name or sample
        is_fixed = self.arc is None or is_even(facts, variable.column)
        self.prefix = None if not is_fixed else name if self.arc is None else name[:-1]
        self._type = f',"type":{dumps(type_name(variable.tag))},"value":'
        self._known: BoundedMap[bytes, Value] = BoundedMap(MOST_VALUES)

    def name(self, arc: str) -> str:
        """Return the name, or the OID, with this last arc."""
        if self.prefix is not None:
            return self.prefix + arc
        oid = self._oid + arc
        return name_of(self._facts, oid) or oid

    @property
    def pieces(self) -> tuple[str, str, str] | None:
        """Return what precedes OID, name and value in `document`; None: its name depends on the arc."""
        name = self.prefix
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
        if self._is_number and 0 < len(content) <= PLAIN_NUMBER:
            text = str(int.from_bytes(content, "big", signed=True))
            return _value((text, text, text, text))
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


def _quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False) if '"' in text else f'"{text}"'
