"""Reads the value of a variable as facts say that it is to be read."""

from functools import lru_cache
from typing import NamedTuple

from opsconductor.limits import BoundedMap
from opsconductor.mib.decode.hint import hinted_integer
from opsconductor.mib.decode.naming import name_of
from opsconductor.mib.decode.value import bits_text, octets_kind, octets_text
from opsconductor.mib.facts import ObjectFact
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.unmapped import ShownVariable
from opsconductor.model.text import printable
from opsconductor.snmp.message import tlv
from opsconductor.snmp.message.values import json_of, text_of

LONGEST_VALUE = 200
LONGEST_IN_TITLE = 120
LONGEST_MEANING = 1_000
MOST_READERS = 4_096
MOST_VALUES = 256
"""Values of one object whose meaning is kept."""

LONGEST_REMEMBERED = 64
FACTS_IN_USE = 2
"""Those at work, and those of a configuration that is tried out."""
_QUANTITIES = frozenset({tlv.COUNTER32, tlv.GAUGE32, tlv.TIME_TICKS, tlv.COUNTER64, tlv.OPAQUE})
_MEASURED = frozenset({"Counter32", "Counter64", "TimeTicks", "Opaque"})
_NUMBERS = frozenset({tlv.INTEGER, tlv.COUNTER32, tlv.GAUGE32, tlv.COUNTER64})
_DECIMAL = "d"
"""A hint that says no more than no hint."""
_TRUTH = ((1, "true"), (2, "false"))


class ReadValue(NamedTuple):
    """A value in all forms in which it is shown.

    Attributes:
        text: As it was sent, on one line: for resources and conditions.
        brief: For a title: words in place of numbers, and not too long.
        line: For a list of variables: `down(2)`, `23.5 celsius`, and not too long.
        json: As it was sent, for JSON.
        meaning: What `json` does not contain: the label of a number, names of bits, the name of an OID;
            empty if there is nothing more.
    """

    text: str
    brief: str
    line: str
    json: object
    meaning: str


class NumberMeaning:
    """What the numbers of an object mean.

    Attributes:
        words: Of its enumeration, by number.
    """

    __slots__ = ("_hint", "_units", "words")

    def __init__(self, fact: ObjectFact | None) -> None:
        self.words: dict[int, str] = {}
        self._hint = self._units = ""
        if fact is not None and fact.syntax != "BITS":
            is_truth = fact.convention == "TruthValue" and not fact.enumeration
            self.words = dict(_TRUTH if is_truth else fact.enumeration)
            self._hint = "" if fact.display_hint == _DECIMAL else fact.display_hint
            self._units = fact.units

    @property
    def has_any(self) -> bool:
        """Check whether numbers mean more than themselves."""
        return bool(self.words or self._hint or self._units)

    def word(self, number: int) -> str | None:
        """Return a number for a sentence: `down`, `23.5 celsius`; None: it is all there is to say."""
        word = self.words.get(number)
        if word is not None:
            return word
        text = hinted_integer(self._hint, number) if self._hint else None
        if self._units:
            return f"{number if text is None else text} {self._units}"
        return text if text != str(number) else None

    def line(self, number: int) -> str | None:
        """Return a number for a list of variables: `down(2)`, `23.5 celsius`; None: as in `word`."""
        word = self.words.get(number)
        return self.word(number) if word is None else f"{word}({number})"


class VariableReader:
    """Reads values of one type that one object has.

    Attributes:
        is_plain_number: A value means nothing beside its number.
    """

    __slots__ = (
        "_convention",
        "_fact",
        "_facts",
        "_has_meaning",
        "_is_special",
        "_known",
        "_numbers",
        "_tag",
        "is_plain_number",
    )

    def __init__(self, facts: MibFacts, fact: ObjectFact | None, tag: int) -> None:
        is_octets, is_bits = tag == tlv.OCTET_STRING, fact is not None and fact.syntax == "BITS"
        self._facts = facts
        self._fact = fact
        self._tag = tag
        self._convention = octets_kind(fact) if is_octets else ""
        self._numbers = NumberMeaning(fact)
        self._is_special = is_octets and not self._convention and _says_how(fact)
        self.is_plain_number = tag == tlv.INTEGER and not self._numbers.has_any
        self._has_meaning = (
            (tag in _NUMBERS and self._numbers.has_any) or tag == tlv.OID or (is_octets and is_bits)
        )
        self._known: BoundedMap[bytes, ReadValue] = BoundedMap(MOST_VALUES)

    def text(self, content: bytes) -> str:
        """Return a value as `ReadValue.text`."""
        if self._is_special:
            text = octets_text(self._fact, content)
            if text is not None:
                return printable(text)
        return text_of(self._tag, content, self._convention)

    def line(self, content: bytes) -> str:
        """Return a value as `ReadValue.line`."""
        return self.read(content).line if self._has_meaning else _shortened(self.text(content))

    def brief(self, content: bytes) -> str:
        """Return a value as `ReadValue.brief`."""
        return self.read(content).brief if self._has_meaning else cut(self.text(content))

    def read(self, content: bytes) -> ReadValue:
        """Return a value in all forms."""
        if not self._has_meaning:
            text = self.text(content)
            json = text if self._is_special else json_of(self._tag, content, self._convention)
            return ReadValue(text, cut(text), _shortened(text), json, "")
        found = self._known.get(content)
        if found is None:
            found = self._meaningful(content)
            if len(content) <= LONGEST_REMEMBERED:
                self._known[content] = found
        return found

    def _meaningful(self, content: bytes) -> ReadValue:
        text = self.text(content)
        meaning, line = self._meaning(content, text)
        json = text if self._is_special else json_of(self._tag, content, self._convention)
        return ReadValue(text, cut(meaning or text), _shortened(line or text), json, meaning)

    def _meaning(self, content: bytes, text: str) -> tuple[str, str]:
        """Return what a value means, and its line; empty: nothing more than its text."""
        if self._tag in _NUMBERS:
            number = json_of(self._tag, content)
            if isinstance(number, int):
                return self._numbers.word(number) or "", self._numbers.line(number) or ""
        elif self._tag == tlv.OID and content:
            name = name_of(self._facts, text) or ""
            return name, name and f"{name} ({text})"
        elif self._tag == tlv.OCTET_STRING and self._fact is not None:
            meaning = bits_text(self._fact, content)[:LONGEST_MEANING]
            return meaning, f"{meaning} ({text})"
        return "", ""


class VariableReaders:
    """The readers of all objects of some facts, each made once."""

    def __init__(self, facts: MibFacts) -> None:
        self.facts = facts
        self._made: BoundedMap[tuple[str, int], VariableReader] = BoundedMap(MOST_READERS)

    def of(self, oid: str, tag: int) -> VariableReader:
        """Return the reader of a variable of this OID and type."""
        fact = self.facts.object_above(oid)
        key = ("" if fact is None else fact.oid, tag)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = VariableReader(self.facts, fact, tag)
        return found


@lru_cache(maxsize=FACTS_IN_USE)
def readers_of(facts: MibFacts) -> VariableReaders:
    """Return the readers for these facts; the same for the same ones."""
    return VariableReaders(facts)


def shown_variable(facts: MibFacts, oid: str, tag: int, value: ReadValue) -> ShownVariable:
    """Return a variable as people see it."""
    fact = facts.object_above(oid)
    if fact is None or not fact.syntax:
        name, instance, is_quantity = "", oid.rpartition(".")[2], tag in _QUANTITIES
    else:
        name, instance = fact.name, oid[len(fact.oid) + 1 :]
        is_quantity = bool(fact.units) or fact.syntax in _MEASURED
    is_text = tag == tlv.OCTET_STRING and not value.text.startswith("0x")
    return ShownVariable(oid, name, instance, value.text, value.brief, is_text, is_quantity)


def _says_how(fact: ObjectFact | None) -> bool:
    return fact is not None and bool(fact.syntax == "BITS" or fact.convention or fact.display_hint)


def _shortened(value: str) -> str:
    return f"{value[:LONGEST_VALUE]}…" if len(value) > LONGEST_VALUE else value


def cut(value: str) -> str:
    """Return a value for a title: a long one is cut, so that the rest of the title keeps its place."""
    return f"{value[:LONGEST_IN_TITLE]}…" if len(value) > LONGEST_IN_TITLE else value
