"""Secret fields of a configuration model: `SecretStr`, and fields excluded from `repr`.

Works on models and raw configuration alike, so that a configuration can be shown, stored and compared
without its secrets even while it is invalid.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

Pattern = tuple[str, ...]
"""Keys from the top; `*` stands for any list position or key of a mapping."""

Path = tuple[str | int, ...]

EVERYTHING: tuple[Pattern, ...] = ((),)
"""For configuration of an unknown model: every text in it counts as secret."""


def secret_fields(model: type[BaseModel]) -> tuple[Pattern, ...]:
    """Return the paths of a model's secrets."""
    return tuple(_in_model(model, (), frozenset()))


def is_secret(path: Path, patterns: tuple[Pattern, ...]) -> bool:
    """Return True if the value at a path is, contains or is part of a secret.

    A text in place of a list or of a whole section counts too: it may be one secret in short form.
    """
    return any(
        all(p in ("*", str(key)) for p, key in zip(pattern, path, strict=False)) for pattern in patterns
    )


def replace_secrets(
    config: Mapping[str, object], patterns: tuple[Pattern, ...], replace: Callable[[Path, str], str]
) -> dict[str, object]:
    """Return a copy of a configuration with every secret text replaced.

    Args:
        replace: Called with the path and the text; returns the replacement.
    """

    def copy(value: object, path: Path) -> object:
        if isinstance(value, Mapping):
            return {key: copy(entry, (*path, key)) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [copy(entry, (*path, index)) for index, entry in enumerate(value)]
        return replace(path, value) if isinstance(value, str) and is_secret(path, patterns) else value

    return {key: copy(value, (key,)) for key, value in config.items()}


def secrets_in(value: object) -> Iterator[str]:
    """Yield the secrets of a validated configuration."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode(errors="replace")
    elif isinstance(value, BaseModel):
        for _, each in value:
            yield from secrets_in(each)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secrets_in(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from secrets_in(each)


def _in_model(model: type[BaseModel], at: Pattern, around: frozenset[type]) -> Iterator[Pattern]:
    if model in around:  # a model inside itself: what is below is the same again
        return
    for name, field in model.model_fields.items():
        names = {name, field.alias, field.validation_alias}
        for key in sorted(key for key in names if isinstance(key, str)):
            if not field.repr:
                yield (*at, key)
            else:
                yield from _in_type(field.annotation, (*at, key), around | {model})


def _in_type(annotation: Any, at: Pattern, around: frozenset[type]) -> Iterator[Pattern]:
    if isinstance(annotation, type) and issubclass(annotation, SecretStr | SecretBytes):
        yield at
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _in_model(annotation, at, around)
    else:
        below = (*at, "*") if _is_container(annotation) else at
        for argument in get_args(annotation):
            yield from _in_type(argument, below, around)


def _is_container(annotation: Any) -> bool:
    origin = getattr(annotation, "__origin__", None)
    return isinstance(origin, type) and issubclass(origin, Mapping | list | tuple | set | frozenset)
