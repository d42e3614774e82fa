"""Conversion of pydantic errors to faults: file, line, key, found and expected."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from opsconductor.config.provision.document import Document
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.connector.secret_fields import is_secret, secret_fields
from opsconductor.errors import Fault

LONGEST_SHOWN = 60
CREDENTIALS = re.compile(r"\S*:\S*@")
"""`https://user:password@host`, a common form of an address with credentials."""
NETWORKS = frozenset({"ip_v4_network", "ip_v6_network", "ip_any_network"})
QUOTED = re.compile(r"'([^']*)'")
EXPECTED: Mapping[str, str] = {
    "missing": "a value, the key is required",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "bytes_type": "text",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "dict_type": "a mapping of keys to values",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "mapping_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "path_type": "a path",
    "string_sub_type": "text",
    "string_type": "text (numbers, true and false in quotes)",
    "tuple_type": "a list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Origin of a validated value.

    Attributes:
        at: Key path of the value in the document.
    """

    document: Document
    model: type[BaseModel]
    at: KeyPath = ()


def faults_of(
    error: ValidationError, place: FilePlace, *, ignore: Callable[[object], bool] = lambda _: False
) -> list[Fault]:
    """Return everything that is wrong with a value, one fault per key.

    Args:
        ignore: Returns True for values that are right whatever pydantic reports: references to secrets.
    """
    secrets = secret_fields(place.model)
    faults: dict[tuple[KeyPath, str], list[str]] = {}
    every = error.errors(include_url=False)
    for details in every:
        if ignore(details["input"]) or _follows(details, every):
            continue
        inside = known_path(details["loc"], place, missing=details["type"] == "missing")
        found = _found(details, hidden=is_secret(inside, secrets))
        expected = faults.setdefault(((*place.at, *inside), found), [])
        words = _expected(details, model_at(place.model, inside[:-1]), hidden=is_secret(inside, secrets))
        if words not in expected:
            expected.append(words)
    return [place.document.fault(path, found, " or ".join(e)) for (path, found), e in faults.items()]


def _follows(details: ErrorDetails, every: Sequence[ErrorDetails]) -> bool:
    """Return True if a list is too short only because its entries are invalid."""
    loc = details["loc"]
    return details["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in every
    )


def known_path(loc: Sequence[str | int], place: FilePlace, *, missing: bool = False) -> KeyPath:
    """Return pydantic's location without the parts that are in no file: union members and functions."""
    path: KeyPath = ()
    for position, part in enumerate(loc):
        is_last = position == len(loc) - 1
        if place.document.knows((*place.at, *path, part)) or (missing and is_last):
            path = (*path, part)
    return path


def shown(value: object) -> str:
    """Return a short description of a found value."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = CREDENTIALS.sub("***@", str(value))
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
    return f'"{text}"' if isinstance(value, str) else text


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Return the valid keys and the one that was probably meant."""
    near = get_close_matches(key, known, n=1, cutoff=0.6)
    names = f"one of {', '.join(known)}" if known else "no key here"
    return f"{names} (did you mean {near[0]}?)" if near else names


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """Return the model of the section at a path, or None if it is no section."""
    section: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str):  # a list position stays in the same section
            field = _field_at(section, part) if section else None
            section = _model_in(field.annotation) if field else None
    return section


def _field_at(section: type[BaseModel], key: str) -> FieldInfo | None:
    fields = section.model_fields
    return fields.get(key) or next((field for field in fields.values() if field.alias == key), None)


def keys_of(section: type[BaseModel]) -> list[str]:
    """Return the keys of a section as they are written."""
    return [field.alias or name for name, field in section.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)


def _found(details: ErrorDetails, *, hidden: bool) -> str:
    if details["type"] == "extra_forbidden":
        return "an unknown key"
    if details["type"] == "missing":
        return "nothing"
    is_one_value = isinstance(details["input"], str | int | float)
    return "a secret (not shown)" if hidden and is_one_value else shown(details["input"])


def _expected(details: ErrorDetails, around: type[BaseModel] | None, *, hidden: bool) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(str(details["loc"][-1]), keys_of(around) if around else ())
    if kind in NETWORKS:
        return network_words(details["input"])
    if kind in EXPECTED:
        return EXPECTED[kind]
    if kind in LENGTHS and isinstance(details["input"], str):  # of a secret
        return WRITTEN[f"string_{kind}"](context)
    if kind in WRITTEN:
        return WRITTEN[kind](context)
    words = str(context["error"]) if "error" in context else _lower_first(details["msg"])
    gives_away = hidden and isinstance(details["input"], str) and details["input"] in words
    return "another value" if gives_away else words


def network_words(value: object) -> str:
    """Return the expected form for text that is not a network, with the probably intended network."""
    try:
        return f"a network without host bits ({ip_network(str(value), strict=False)}?)"
    except ValueError:
        return "a network such as 10.0.0.0/8 or 2001:db8::/32"


def _bound(words: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda context: f"{words} {context[name]}"


def _characters(words: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda context: f"text of {words} {context[name]} characters"


def _entries(words: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda context: f"{words} {context[name]} {'entry' if context[name] == 1 else 'entries'}"


def _choice(context: Mapping[str, Any]) -> str:
    return "one of " + ", ".join(QUOTED.findall(str(context["expected"])))


WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": _choice,
    "literal_error": _choice,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "string_too_long": _characters("at most", "max_length"),
    "string_too_short": _characters("at least", "min_length"),
    "string_pattern_mismatch": _bound("text of the form", "pattern"),
    "too_long": _entries("at most", "max_length"),
    "too_short": _entries("at least", "min_length"),
}


LENGTHS = ("too_long", "too_short")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
