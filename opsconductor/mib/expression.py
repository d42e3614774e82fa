"""Texts with variables in braces, as mappings write them for resources and titles.

`{1.3.6.1.2.1.2.2.1.1}` is the value of the first variable whose OID is this or stands below it,
`{ifIndex}` the same by name, `{ifIndex#}` the instance (what follows in the variable's OID)
instead of the value. Titles may also hold `{resource}`, and `{device_name}`, which stays as it is
until the device is identified.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from opsconductor.mib.names import OBJECTS

MISSING = "?"
LONGEST_EXPRESSION = 255
COMPILED_KEPT = 8192

Read = Callable[[str, int, bytes], str | None]
"""Makes text of a variable from its OID, BER tag and content; None when the variable has no value."""

Variables = Sequence[tuple[str, int, bytes]]
"""OID, BER tag and content of each variable of a trap."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OID = re.compile(r"[0-9]+(\.[0-9]+)+")
_IF_INDEX = OBJECTS["ifIndex"]
_INTERFACE_TABLES = ("1.3.6.1.2.1.2.2.1.", "1.3.6.1.2.1.31.1.1.1.")
_DEVICE_NAME = "device_name"
_RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Variable:
    """A placeholder that a variable of the trap fills."""

    oid: str
    is_instance: bool

    def fill(self, variables: Variables, read: Read) -> str:
        """Find the variable and write its value or instance; `?` when there is none."""
        oid = self.oid
        for name, tag, content in variables:
            if name.startswith(oid) and (rest := name[len(oid) :])[:1] in ("", "."):
                text = rest[1:] if self.is_instance else read(name, tag, content)
                if text is not None:
                    return text
        return _interface_index(variables) if oid == _IF_INDEX else MISSING


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled text: literals, variables, and None where the resource goes."""

    parts: tuple[str | Variable | None, ...]

    def fill(self, variables: Variables, read: Read, *, resource: str = "") -> str:
        """Write the text for one trap."""
        texts = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
            else:
                texts.append(part.fill(variables, read) if part else resource)
        return "".join(texts)


class Place(NamedTuple):
    """What is known of a variable before its trap is seen.

    Attributes:
        oid: Its OID; without the last arc if that is open.
        has_value: It is not one that says nothing.
    """

    oid: str
    is_open: bool
    has_value: bool


class Found(NamedTuple):
    """The variable that fills a placeholder.

    Attributes:
        position: Of the variable.
        instance: What stands before its last arc in its instance; None: its value is wanted.
    """

    position: int
    instance: str | None


Bound = str | Found | None
"""A literal, a variable, or where the resource goes."""


class UndecidedError(Exception):
    """Which variable fills a placeholder depends on the last arc of one."""


def bind(expression: Expression, places: Sequence[Place]) -> tuple[Bound, ...]:
    """Find out once which variables fill an expression in all traps whose variables stand at these places.

    Raises:
        UndecidedError: That differs from trap to trap.
    """
    return tuple(
        bind_variable(part, places) if isinstance(part, Variable) else part for part in expression.parts
    )


def bind_variable(wanted: Variable, places: Sequence[Place]) -> str | Found:
    """Find what `wanted.fill` would take; see `bind`."""
    for position, (oid, is_open, has_value) in enumerate(places):
        if is_open and wanted.oid.rpartition(".")[0] == oid:
            raise UndecidedError
        if oid == wanted.oid or oid.startswith(f"{wanted.oid}."):
            instance = oid[len(wanted.oid) + 1 :]
            if wanted.is_instance:
                return Found(position, instance and f"{instance}.") if is_open else instance
            if has_value:
                return Found(position, None)
    return _bound_index(places) if wanted.oid == _IF_INDEX else MISSING


def _bound_index(places: Sequence[Place]) -> str | Found:
    for position, place in enumerate(places):
        if f"{place.oid}.".startswith(_INTERFACE_TABLES) and (
            place.is_open or place.oid.startswith(_INTERFACE_TABLES)
        ):
            return Found(position, "") if place.is_open else place.oid.rpartition(".")[2]
    return MISSING


@lru_cache(maxsize=COMPILED_KEPT)
def variable(oid: str) -> Variable:
    """Look for the value of one object, as `{oid}` would."""
    return Variable(oid, is_instance=False)


def _interface_index(variables: Variables) -> str:
    """Take the interface from the instance of any other IF-MIB variable, where ifIndex is missing."""
    for name, _, _ in variables:
        if name.startswith(_INTERFACE_TABLES):
            return name.rpartition(".")[2]
    return MISSING


@lru_cache(maxsize=COMPILED_KEPT)
def compile_expression(text: str) -> Expression:
    """Compile a text; what `expression_fault` would complain about stays in it literally."""
    parts: list[str | Variable | None] = []
    for position, piece in enumerate(_PLACEHOLDER.split(text)):
        is_placeholder = position % 2 == 1
        parts.append(_part(piece) if is_placeholder else piece)
    return Expression(tuple(part for part in parts if part != ""))


def _part(name: str) -> str | Variable | None:
    if name == _RESOURCE:
        return None
    oid = _oid_of(name)
    return Variable(oid, name.endswith("#")) if oid else f"{{{name}}}"


def _oid_of(name: str) -> str | None:
    stem = name.removesuffix("#").removeprefix(".")
    return stem if _OID.fullmatch(stem) else OBJECTS.get(stem)


def expression_fault(text: str, *, is_title: bool) -> str | None:
    """Say what is wrong with a resource expression or a title template; None: nothing."""
    if len(text) > LONGEST_EXPRESSION:
        return f"{len(text)} characters, {LONGEST_EXPRESSION} are possible"
    if set("{}") & set(_PLACEHOLDER.sub("", text)):
        return "a brace without its partner"
    for name in _PLACEHOLDER.findall(text):
        if name in (_RESOURCE, _DEVICE_NAME):
            if not is_title:
                return f"{{{name}}} can only stand in a title"
        elif _oid_of(name) is None:
            return f"{{{name}}} is neither an OID nor the name of a known object"
    return None
