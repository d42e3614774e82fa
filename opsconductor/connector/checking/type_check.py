"""Check of the types of what a third-party connector hands to the daemon."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from opsconductor.errors import ContractError
from opsconductor.model.normalized import DeviceAlias

Shape = tuple[type, ...]

MOST_SHAPES = 4_096
"""Maximum number of cached combinations of types; beyond, each value is checked field by field."""


def types_in(hint: object) -> Shape:
    """Return the classes that a type hint admits, ignoring the contents of collections."""
    if isinstance(hint, UnionType):
        return tuple(each for part in get_args(hint) for each in types_in(part))
    found = get_origin(hint) or hint
    assert isinstance(found, type)
    return (float, int) if found is float else (found,)


def fields_of(kind: type) -> Mapping[str, Shape]:
    """Return the admitted classes of each field of a named tuple, in order."""
    return {name: types_in(hint) for name, hint in get_type_hints(kind).items()}


class TypeCheck:
    """Checks values of one connector.

    Every error is a ContractError with connector, field, found and expected type; a value itself may be a
    secret and is not shown.
    """

    def __init__(self, connector: str) -> None:
        self._connector = connector

    def expect(self, value: object, wanted: Shape, field: str) -> None:
        """Refuse a value of another type."""
        if not isinstance(value, wanted):
            expected = " or ".join("None" if each is type(None) else each.__name__ for each in wanted)
            self.refuse(f"{field} is of type {type(value).__name__}, expected {expected}")

    def expect_zone(self, moment: datetime | None, field: str) -> None:
        """Refuse a time without zone, which cannot be compared with others."""
        if moment is not None and moment.utcoffset() is None:
            self.refuse(f"{field} has no time zone")

    def expect_aliases(self, aliases: Iterable[object]) -> None:
        """Refuse identifiers of a device of another type."""
        for alias in aliases:
            self.expect(alias, (DeviceAlias,), "an entry of device_aliases")
            assert isinstance(alias, DeviceAlias)
            self.expect(alias.value, (str,), "value of a DeviceAlias")

    def refuse(self, fault: str) -> None:
        """Raise ContractError."""
        raise ContractError(f"connector {self._connector}: {fault}")


class TupleCheck:
    """Checks named tuples of one kind; combinations of types that passed once are cached."""

    def __init__(self, check: TypeCheck, kind: type, words: str) -> None:
        self._check = check
        self._kind = kind
        self._words = words
        self._fields = fields_of(kind)
        self._times = [place for place, shape in enumerate(self._fields.values()) if datetime in shape]
        self._right: set[Shape] = set()

    def one(self, value: Any) -> None:
        """Check one of them."""
        self._check.expect(value, (self._kind,), self._words)
        shape = tuple(map(type, value))
        if shape not in self._right:
            for (name, wanted), each in zip(self._fields.items(), value, strict=True):
                self._check.expect(each, wanted, name)
            if len(self._right) < MOST_SHAPES:
                self._right.add(shape)
        for place in self._times:
            self._check.expect_zone(value[place], tuple(self._fields)[place])
