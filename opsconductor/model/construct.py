"""Fast construction and copying of frozen dataclasses.

Their own constructor calls `object.__setattr__` for each field. Here an instance of a class with the same
slots that is not frozen is filled, and then its `__class__` is set to the frozen class, which Python allows.
As in `dataclasses`, the functions that do it are compiled from the declaration.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import partial
from typing import Any, TypeVar, cast

T = TypeVar("T")
Copy = Callable[[T, Mapping[str, Any]], T]


def constructor_of(frozen: type[T]) -> type[T]:
    """Return a constructor of a frozen dataclass with slots: the same keywords, the same instances.

    For one of many fields `draft_of` is faster: a keyword takes as long as setting five attributes.
    """
    names: dict[str, object] = {"MISSING": MISSING}
    arguments, values = [], {}
    for each in fields(cast("Any", frozen)):
        name = values[each.name] = each.name
        if each.default_factory is not MISSING:
            names[f"make_{name}"] = each.default_factory
            values[name] = f"make_{name}() if {name} is MISSING else {name}"
            arguments.append(f"{name}=MISSING")
        elif each.default is not MISSING:
            names[f"default_{name}"] = each.default
            arguments.append(f"{name}=default_{name}")
        else:
            arguments.append(name)
    return cast("type[T]", _compiled(frozen, f"*, {', '.join(arguments)}", values, names))


def filler_of(named: type[T]) -> Callable[[tuple[object, ...]], T]:
    """Return a constructor of a named tuple from a plain tuple of all its values, in order.

    The constructor of the class is a function in Python and takes twice as long; here nothing checks the
    number of the values.
    """
    return cast("Callable[[tuple[object, ...]], T]", partial(tuple.__new__, named))


def draft_of(frozen: type) -> Callable[[], Any]:
    """Return a function that returns an open instance of a dataclass with slots, with default values only.

    The caller sets the other fields one by one, those with a factory among them, and `__class__` last, which
    makes it one of the frozen class.
    """
    names: dict[str, object] = {"Open": _opened(frozen)}
    lines = ["def begin():", " new = Open()"]
    for each in fields(cast("Any", frozen)):
        if each.default is not MISSING:
            names[f"default_{each.name}"] = each.default
            lines.append(f" new.{each.name} = default_{each.name}")
    exec("\n".join([*lines, " return new"]), names)  # noqa: S102 - of the declaration only
    return cast("Callable[[], Any]", names["begin"])


def replacer_of(frozen: type[T]) -> Copy[T]:
    """Return a function that copies instances of a frozen dataclass with slots, replacing some values."""
    copiers: dict[tuple[str, ...], Copy[T]] = {}

    def replaced(value: T, changes: Mapping[str, Any]) -> T:
        changed = tuple(changes)
        copier = copiers.get(changed)
        if copier is None:  # code names the fields, so there are as many as places in code
            copier = copiers[changed] = _copier_of(frozen, changed)
        return copier(value, changes)

    return replaced


def _copier_of(frozen: type[T], changed: Iterable[str]) -> Copy[T]:
    """Return a function that copies an instance, with other values of certain fields.

    Raises:
        KeyError: One of them is no field.
    """
    values = {each.name: f"old.{each.name}" for each in fields(cast("Any", frozen))}
    for name in changed:
        if name not in values:
            raise KeyError(name)
        values[name] = f"changes[{name!r}]"
    return _compiled(frozen, "old, changes", values, {})


def _compiled(
    frozen: type, arguments: str, values: Mapping[str, str], names: Mapping[str, object]
) -> Callable[..., Any]:
    """Compile a function that returns an instance with these values, given as expressions by field."""
    lines = [
        f"def construct({arguments}):",
        " new = Open()",
        *(f" new.{name} = {value}" for name, value in values.items()),
        " new.__class__ = frozen",
        " return new",
    ]
    scope: dict[str, Any] = {**names, "Open": _opened(frozen), "frozen": frozen}
    exec("\n".join(lines), scope)  # noqa: S102 - of the declaration only
    return cast("Callable[..., Any]", scope["construct"])


def _opened(frozen: type) -> type:
    """Return a class with the slots of a frozen one, whose instances can be filled."""
    names = tuple(each.name for each in fields(cast("Any", frozen)))
    return type(frozen.__name__, (), {"__slots__": names})
