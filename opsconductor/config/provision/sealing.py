"""Moving of plain-text secrets from declared rows into the vault, so that no table holds them readable.

`password: hunter2` of the connector `noc-mail` becomes `password: vault:connector/noc-mail/password`.
References stay as they are, so a file with references contains no secret at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from opsconductor.config.provision.rows import ConnectorTypes, ProvisionTable, Row
from opsconductor.config.secrets import is_reference, references_in, unescaped
from opsconductor.connector.secret_fields import (
    EVERYTHING,
    Path,
    Pattern,
    replace_secrets,
    secret_fields,
)

PREFIX = "connector/"
LONGEST_NAME = 100
HIDDEN = "(secret)"


def vault_name(connector: str, path: Path) -> str:
    """Return the name of the vault entry for a connector's secret."""
    name = PREFIX + "/".join([connector, *(re.sub(r"[^A-Za-z0-9._-]", "_", str(part)) for part in path)])
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME - 17] + "-" + sha256(name.encode()).hexdigest()[:16]


def sealed_row(row: Row, installed: ConnectorTypes) -> tuple[Row, Mapping[str, str]]:
    """Remove the plain secrets from a connector's row.

    Returns:
        The row with references in their place, and the secrets by their name in the vault.
    """
    secrets: dict[str, str] = {}

    def take(path: Path, text: str) -> str:
        name = vault_name(row["name"], path)
        secrets[name] = unescaped(text)
        return f"vault:{name}"

    return cover_secrets(row, installed, take), secrets


def masked_row(table: ProvisionTable, row: Row, installed: ConnectorTypes) -> Row:
    """Return a copy of a row with its secrets masked; references stay readable."""
    return (
        cover_secrets(row, installed, lambda _path, _text: HIDDEN)
        if table is ProvisionTable.CONNECTORS
        else row
    )


def cover_secrets(row: Row, installed: ConnectorTypes, cover: Callable[[Path, str], str]) -> Row:
    """Return a copy of a connector's row with every plain secret replaced; references stay."""

    def replace(path: Path, text: str) -> str:
        return text if not text or is_reference(text) else cover(path, text)

    return {**row, "config": replace_secrets(row["config"], _patterns(row, installed), replace)}


def vault_references(rows: Iterable[Row]) -> Iterator[str]:
    """Return the names of the vault entries that connectors refer to."""
    for row in rows:
        for _, text in references_in(row["config"]):
            if text.startswith("vault:"):
                yield text.removeprefix("vault:")


def _patterns(row: Row, installed: ConnectorTypes) -> tuple[Pattern, ...]:
    connector_type = installed.known.get(row["type"])
    return EVERYTHING if connector_type is None else secret_fields(connector_type.config)
