"""Export of database rows as a provisioning file that declares the same."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import yaml
from pydantic import ValidationError

from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.rows import MODELS, ConnectorTypes, ProvisionTable, Row
from opsconductor.config.provision.sealing import cover_secrets
from opsconductor.config.provision.yaml_reading import CoreLoader
from opsconductor.connector.secret_fields import Path

HEADER = "# What OpsConductor's database declares; written by: opsconductor export\n"
WIDTH = 100


class Dumper(yaml.SafeDumper):
    """Quotes every text that any YAML reader could misinterpret; indents lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - PyYAML's
        """Indent the entries of a list below their key."""
        del indentless
        super().increase_indent(flow=flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write no aliases: the files are edited by hand."""
        del data
        return True


Dumper.yaml_implicit_resolvers = {
    first: [
        *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
        *CoreLoader.yaml_implicit_resolvers.get(first, []),
    ]
    for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *CoreLoader.yaml_implicit_resolvers}
}


def export(present: Sequence[Present], installed: ConnectorTypes) -> tuple[str, list[str]]:
    """Return all manually created rows, table by table, without values that equal their default.

    Returns:
        The text, and the names of environment variables that stand for secrets which the database
        holds in plain text, so that no file ever contains them.
    """
    variables: list[str] = []
    sections: dict[str, list[Row]] = {}
    for entry in present:
        if entry.is_found:
            continue
        row = entry.row
        if entry.table is ProvisionTable.CONNECTORS:
            row = cover_secrets(row, installed, partial(_variable, row["name"], variables))
        sections.setdefault(entry.table.value, []).append(_short(entry.table, row))
    return HEADER + dump(sections), variables


def dump(value: object) -> str:
    """Return plain values as YAML that `parse_document` reads back as the same values.

    Letters of any language are written unescaped, unless the text contains control characters.
    """
    text = _written(value, allow_unicode=True)
    is_plain = all(line.isprintable() for line in text.split("\n"))
    return text if is_plain else _written(value, allow_unicode=False)


def _written(value: object, *, allow_unicode: bool) -> str:
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=allow_unicode, width=WIDTH)
    return text


def _variable(connector: str, variables: list[str], path: Path, _text: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", "_".join([connector, *map(str, path)]).upper())
    variables.append(name)
    return f"${{env:{name}}}"


def _short(table: ProvisionTable, row: Row) -> Row:
    """Return a row without defaults; a row that no file could declare is returned whole."""
    try:
        return MODELS[table].model_validate(row).model_dump(mode="json", exclude_defaults=True)
    except ValidationError:
        return row
