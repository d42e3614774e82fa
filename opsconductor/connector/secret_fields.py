"""Secret fields of a configuration model: `SecretStr`, fields without `repr`, texts named as one.

Works on models and raw configuration alike, so that a configuration can be shown, stored and compared
without its secrets even while it is invalid.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

Pattern = tuple[str, ...]
"""Keys from the top; `*` stands for any list position or key of a mapping."""

Path = tuple[str | int, ...]

EVERYTHING: tuple[Pattern, ...] = ((),)
"""For configuration of an unknown model: every text in it counts as secret."""
SECRET_NAME = re.compile(
    r"(^|_)(pass|password|passwd|passphrase|passhash|secret|[a-z]*token|credential|community|authorization|cookie"
    r"|(api|app|auth|priv|private|access|secret|shared|routing|integration|signing|encryption|session)_?key)s?$"
)
"""Name of a setting that holds a secret."""


def secret_fields(model: type[BaseModel]) -> tuple[Pattern, ...]:
    """Return the paths of a model's secrets."""
    return tuple(_in_model(model, (), frozenset()))


def plain_secrets(model: type[BaseModel]) -> Iterator[str]:
    """Yield the settings that are secrets by their name, but declared as plain text (`AcmeConfig.token`)."""
    for each in models_in(model, set()):
        for name, field in each.model_fields.items():
            if field.repr and _is_named_secret(name, field.annotation):
                yield f"{each.__name__}.{name}"


def models_in(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """Yield a model and all models of its sections."""
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for section in _classes_in(field.annotation):
            yield from models_in(section, seen)


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


def secrets_of(config: object, model: type[BaseModel]) -> list[str]:
    """Return the secrets of a configuration that is not validated yet."""
    found: list[str] = []

    def note(_path: Path, text: str) -> str:
        found.append(text)
        return text

    if isinstance(config, Mapping):
        replace_secrets(config, secret_fields(model), note)
    return found


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
            if not field.repr or _is_named_secret(name, field.annotation):
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


def _is_named_secret(name: str, annotation: Any) -> bool:
    return SECRET_NAME.search(name.lower()) is not None and _is_plain_text(annotation)


def _is_plain_text(annotation: Any) -> bool:
    """Return True if a type admits a text, also in a list or as a value of a mapping."""
    arguments = get_args(annotation)
    values = arguments[1:] if _is_a(annotation, Mapping) else arguments
    return annotation in (str, bytes) or any(map(_is_plain_text, values))


def _classes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _classes_in(argument)


def _is_container(annotation: Any) -> bool:
    return _is_a(annotation, Mapping | list | tuple | set | frozenset)


def _is_a(annotation: Any, kinds: Any) -> bool:
    origin = getattr(annotation, "__origin__", None)
    return isinstance(origin, type) and issubclass(origin, kinds)
