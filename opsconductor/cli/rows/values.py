"""Rows as they are given on the command line: files, standard input, single values."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.rows.kinds import RowKind
from opsconductor.config.provision.document import parse_document
from opsconductor.errors import ConfigError


def read_rows(kind: RowKind, text: str, name: str) -> list[object]:
    """Return the rows in YAML or JSON: one, a list, or a provisioning file with those of this table.

    Raises:
        ConfigError: It is not valid YAML.
    """
    document, faults = parse_document(text, Path(name))
    if faults:
        raise ConfigError(faults)
    value = document.value
    if isinstance(value, Mapping) and value.keys() == {kind.table}:
        value = value[kind.table]
    return list(value) if isinstance(value, list) else [value]


def set_values(texts: Iterable[str]) -> dict[str, Any]:
    """Return the values of `name=value` as a mapping; dots in names go into it, values are YAML.

    Raises:
        click.UsageError: A text has another form.
    """
    found: dict[str, Any] = {}
    for text in texts:
        path, sign, value = text.partition("=")
        if not sign or not path:
            raise click.UsageError(f"--set {text}: expected COLUMN=VALUE")
        document, faults = parse_document(value, Path(f"--set {path}"))
        if faults:
            raise ConfigError(faults)
        _put(found, path.split("."), document.value)
    return found


def _put(into: dict[str, Any], path: list[str], value: object) -> None:
    *sections, last = path
    for name in sections:
        below = into.setdefault(name, {})
        if not isinstance(below, dict):
            raise click.UsageError(f"--set {'.'.join(path)}: {name} has a value already")
        into = below
    into[last] = value


def with_values(row: object, values: Mapping[str, Any]) -> object:
    """Return a row with further values; those of mappings are added to them."""
    if not isinstance(row, Mapping):
        return dict(values)
    merged = dict(row)
    for name, value in values.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = with_values(merged[name], value) if both else value
    return merged
