"""Resource expressions and title templates of mappings: text with variables in braces.

`{1.3.6.1.2.1.2.2.1.1}` is the value of the first variable whose OID is this one or below it,
`{ifIndex}` the same by name, `{ifIndex#}` the instance (the rest of the variable's OID)
instead of the value, and `{ifIndex#2}` the second part of its index. Titles may also contain
`{resource}`, and `{device_name}`, which is left as it is until the device is identified.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from opsconductor.mib.decode.naming import part_text
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.inventory.port import IF_INDEX

MISSING = "?"
LONGEST_EXPRESSION = 255
CACHED_EXPRESSIONS = 8192

Read = Callable[[str, int, bytes], str | None]
"""Returns the text of a variable from its OID, BER tag and content; None when it has no value."""

Variables = Sequence[tuple[str, int, bytes]]
"""OID, BER tag and content of each variable of a trap."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OID = re.compile(r"[0-9]+(\.[0-9]+)+")
_PART = re.compile(r"#([1-9][0-9]?)?")
INTERFACE_TABLES = ("1.3.6.1.2.1.2.2.1.", "1.3.6.1.2.1.31.1.1.1.")
_DEVICE_NAME = "device_name"
_RESOURCE = "resource"
RESERVED = frozenset({_DEVICE_NAME, _RESOURCE})
"""Placeholders of titles that are not variables."""


PartOf = Callable[[str, str, int], str | None]
"""Returns a part of the instance of a variable, from its OID, the instance and the number of the part."""


def split_part(_oid: str, instance: str, number: int) -> str | None:
    """Return a part of an instance without known facts: an arc."""
    return part_text((), instance, number)


@dataclass(frozen=True, slots=True)
class Variable:
    """A placeholder filled from a variable of the trap.

    Attributes:
        part: Which part of the instance is wanted, from 1; 0: all of it.
    """

    oid: str
    is_instance: bool
    part: int = 0

    def fill(self, variables: Variables, read: Read, part_of: PartOf = split_part) -> str:
        """Return the value or instance of the variable; `?` if the trap does not have it."""
        oid = self.oid
        for name, tag, content in variables:
            if name.startswith(oid) and (rest := name[len(oid) :])[:1] in ("", "."):
                if self.part:
                    text = part_of(name, rest[1:], self.part)
                else:
                    text = rest[1:] if self.is_instance else read(name, tag, content)
                if text is not None:
                    return text
        return _interface_index(variables) if oid == IF_INDEX else MISSING


@dataclass(frozen=True, slots=True)
class TrapTemplate:
    """A compiled text: literals, variables, and None in place of the resource."""

    parts: tuple[str | Variable | None, ...]

    def fill(
        self, variables: Variables, read: Read, *, resource: str = "", part_of: PartOf = split_part
    ) -> str:
        """Return the text for one trap."""
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
            else:
                texts.append(part.fill(variables, read, part_of) if part else resource)
        return "".join(texts)


class Place(NamedTuple):
    """What is known about a variable from the layout, before its trap arrives.

    Attributes:
        oid: Its OID; without the last arc if that arc varies.
        has_value: False for NULL, an exception, or a number or OID of no bytes.
    """

    oid: str
    is_open: bool
    has_value: bool


class Found(NamedTuple):
    """The variable that fills a placeholder.

    Attributes:
        position: Position of the variable.
        instance: The instance up to its last arc, if the instance is wanted; None: the value is wanted.
    """

    position: int
    instance: str | None


Bound = str | Found | None
"""A literal, a variable, or the resource."""


class AmbiguousError(Exception):
    """Which variable fills a placeholder depends on a last arc that varies."""


def bind(expression: TrapTemplate, places: Sequence[Place]) -> tuple[Bound, ...]:
    """Return which variables fill an expression in every trap of this layout.

    Raises:
        AmbiguousError: It differs from trap to trap.
    """
    return tuple(
        bind_variable(part, places) if isinstance(part, Variable) else part for part in expression.parts
    )


def bind_variable(wanted: Variable, places: Sequence[Place]) -> str | Found:
    """Return the variable that `wanted.fill` would use; see `bind`."""
    if wanted.part:
        raise AmbiguousError
    for position, (oid, is_open, has_value) in enumerate(places):
        if is_open and wanted.oid.rpartition(".")[0] == oid:
            raise AmbiguousError
        if oid == wanted.oid or oid.startswith(f"{wanted.oid}."):
            instance = oid[len(wanted.oid) + 1 :]
            if wanted.is_instance:
                return Found(position, instance and f"{instance}.") if is_open else instance
            if has_value:
                return Found(position, None)
    return _bound_index(places) if wanted.oid == IF_INDEX else MISSING


def _bound_index(places: Sequence[Place]) -> str | Found:
    for position, place in enumerate(places):
        if f"{place.oid}.".startswith(INTERFACE_TABLES) and (
            place.is_open or place.oid.startswith(INTERFACE_TABLES)
        ):
            return Found(position, "") if place.is_open else place.oid.rpartition(".")[2]
    return MISSING


@lru_cache(maxsize=CACHED_EXPRESSIONS)
def variable(oid: str) -> Variable:
    """Return the value of one object, as `{oid}` would."""
    return Variable(oid, is_instance=False)


def _interface_index(variables: Variables) -> str:
    """Return the interface from the instance of any other IF-MIB variable when ifIndex is missing."""
    for name, _, _ in variables:
        if name.startswith(INTERFACE_TABLES):
            return name.rpartition(".")[2]
    return MISSING


@lru_cache(maxsize=CACHED_EXPRESSIONS)
def compile_expression(text: str) -> TrapTemplate:
    """Compile a text; a part that `expression_fault` would reject is kept literally."""
    parts: list[str | Variable | None] = []
    for position, piece in enumerate(PLACEHOLDER.split(text)):
        is_placeholder = position % 2 == 1
        parts.append(_part(piece) if is_placeholder else piece)
    return TrapTemplate(tuple(part for part in parts if part != ""))


def _part(name: str) -> str | Variable | None:
    if name == _RESOURCE:
        return None
    stem, behind = split_name(name)
    oid = stem if is_oid(stem) else _standard_oid(stem)
    if not oid:
        return f"{{{name}}}"
    return Variable(oid, bool(behind), int(behind[1:] or 0) if behind else 0)


def split_name(name: str) -> tuple[str, str]:
    """Split a placeholder into the name or OID and what is wanted of it: nothing, `#`, or `#2`."""
    stem, mark, part = name.removeprefix(".").partition("#")
    return stem, mark + part


def is_oid(text: str) -> bool:
    """Check whether a text is a numeric OID of two arcs or more."""
    return _OID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Check whether a text can be the name of an object in a placeholder."""
    return _NAME.fullmatch(text) is not None


def _standard_oid(name: str) -> str | None:
    return next((fact.oid for fact in standard_facts().objects_named(name)), None)


def expression_fault(text: str, *, is_title: bool) -> str | None:
    """Return what is wrong with the form of a resource expression or title template, or None."""
    if len(text) > LONGEST_EXPRESSION:
        return f"{len(text)} characters, at most {LONGEST_EXPRESSION} are allowed"
    if set("{}") & set(PLACEHOLDER.sub("", text)):
        return "an unmatched brace"
    for name in PLACEHOLDER.findall(text):
        if name in RESERVED:
            if not is_title:
                return f"{{{name}}} is allowed in a title only"
            continue
        stem, behind = split_name(name)
        if not (is_oid(stem) or _NAME.fullmatch(stem)):
            return f"{{{name}}} is neither an OID nor the name of an object"
        if behind and not _PART.fullmatch(behind):
            return f"{{{name}}}: behind # stands nothing, or the number of a part of the index"
    return None
