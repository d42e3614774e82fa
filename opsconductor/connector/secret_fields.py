"""Which fields of a configuration model hold secrets: `SecretStr`, and what is kept out of `repr`.

Works on models and raw configuration alike, so that a configuration can be shown, stored and compared
without its secrets even while it is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

Pattern = tuple[str, ...]
"""Keys from the top; `*` stands for any list position or key of a mapping."""

Path = tuple[str | int, ...]

EVERYTHING: tuple[Pattern, ...] = ((),)
"""For configuration whose model is not known: every text in it counts as secret."""


def secret_fields(model: type[BaseModel]) -> tuple[Pattern, ...]:
    """List where a model holds secrets."""
    return tuple(_in_model(model, (), frozenset()))


def is_secret(path: Path, patterns: tuple[Pattern, ...]) -> bool:
    """Tell whether what stands at a path is a secret, or is around or inside one.

    A text that stands for a list or for a whole section counts too: it may be one secret written
    short.
    """
    return any(
        all(p in ("*", str(key)) for p, key in zip(pattern, path, strict=False)) for pattern in patterns
    )


def replace_secrets(
    config: Mapping[str, object], patterns: tuple[Pattern, ...], replace: Callable[[Path, str], str]
) -> dict[str, object]:
    """Copy a configuration with every text that is a secret replaced.

    Args:
        replace: Gets the path and the text; what it returns stands in the copy.
    """

    def copy(value: object, path: Path) -> object:
        if isinstance(value, Mapping):
            return {key: copy(entry, (*path, key)) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [copy(entry, (*path, index)) for index, entry in enumerate(value)]
        return replace(path, value) if isinstance(value, str) and is_secret(path, patterns) else value

    return {key: copy(value, (key,)) for key, value in config.items()}


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
