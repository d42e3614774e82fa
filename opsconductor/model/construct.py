"""Fast construction and copying of frozen dataclasses.

Their own constructor calls `object.__setattr__` for each field. Here an instance of an equal class that is
not frozen is filled, and then its `__class__` is set to the frozen class, which Python allows for classes
with the same slots.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import Field, fields, make_dataclass
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")


def constructor_of(frozen: type[T]) -> type[T]:
    """Return a constructor of a frozen dataclass with slots: the same keywords, the same instances."""
    described = [(each.name, each.type, copy(each)) for each in fields(cast("Any", frozen))]
    return cast("type[T]", _unfrozen(frozen, described, kw_only=True))


def replacer_of(frozen: type[T]) -> Callable[[T, dict[str, Any]], T]:
    """Return a function that copies instances of a frozen dataclass with slots, replacing some values."""
    names = [each.name for each in fields(cast("Any", frozen))]
    construct: Any = _unfrozen(frozen, names, kw_only=False)
    read_all = attrgetter(*names)
    positions = {name: position for position, name in enumerate(names)}

    def replaced(value: T, changes: dict[str, Any]) -> T:
        found = list(read_all(value))
        for name, new in changes.items():
            found[positions[name]] = new
        return cast("T", construct(*found))

    return replaced


def _unfrozen(
    frozen: type[T], described: list[str] | list[tuple[str, Any, Field[Any]]], *, kw_only: bool
) -> type:
    def become_frozen(self: object) -> None:
        self.__class__ = frozen

    return make_dataclass(
        frozen.__name__, described, namespace={"__post_init__": become_frozen}, slots=True, kw_only=kw_only
    )
