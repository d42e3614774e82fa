"""Mapping packs that ship: files of `oid_mappings`, read at a start from one file that is built of them.

Reading some thousand rows of YAML takes seconds, reading the built file some milliseconds.
"""

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from opsconductor.config.load import in_order
from opsconductor.config.provision.crosscheck import cross_check
from opsconductor.config.provision.declared.tables import DeclaredMapping
from opsconductor.config.provision.document import read_document
from opsconductor.config.provision.provision import find_files, read_items
from opsconductor.config.provision.rows import ConnectorTypes, Item, ProvisionTable, Row
from opsconductor.errors import ConfigError, Fault
from opsconductor.mib.built import digest_of, keep_built

BUILT = "packs.json"
"""Name of the built file in the data directory."""

_NO_CONNECTORS = ConnectorTypes(known={}, channels=frozenset())


def read_packs(folder: Path, data_dir: Path) -> Sequence[Row]:
    """Return the rows of all packs of a folder; blocks, for seconds when a pack has changed.

    Args:
        data_dir: Where the built file is kept. When it cannot be written, each start takes that long.

    Raises:
        ConfigError: A pack is damaged; all faults of all packs.
    """
    files, faults = find_files([folder])
    if faults:
        raise ConfigError(faults)
    try:
        digest = f"{digest_of(files)} {_form()}"
    except OSError as error:
        expected = "mapping packs that can be read: is an update in progress?"
        raise ConfigError(
            [Fault(file=str(folder), line=None, key="", found=str(error), expected=expected)]
        ) from None
    built = data_dir / BUILT
    try:
        known = json.loads(built.read_bytes())
        if known["digest"] == digest:
            rows: Sequence[Row] = known["rows"]
            return rows
    except (OSError, ValueError, TypeError, KeyError):
        pass
    rows = [item.row for item in read_pack_files(files)]
    keep_built(built, json.dumps({"digest": digest, "rows": rows}, separators=(",", ":")).encode())
    return rows


def read_pack_files(files: Sequence[Path]) -> list[Item]:
    """Read packs and check them together.

    Raises:
        ConfigError: With everything that is wrong in any of them.
    """
    items: list[Item] = []
    faults: list[Fault] = []
    for file in files:
        document, unreadable = read_document(file)
        faults += unreadable
        for found in read_items(document, str(file)):
            if isinstance(found, Fault):
                faults.append(found)
            elif found.table is ProvisionTable.OID_MAPPINGS:
                items.append(found)
            else:
                faults.append(document.fault(found.at, found.table.value, "oid_mappings, nothing else"))
    if faults := [*faults, *cross_check(items, _NO_CONNECTORS)]:
        raise ConfigError(in_order(faults))
    return items


def _form() -> str:
    """Return an identifier of the form of the rows: columns are added by new versions."""
    return blake2b(" ".join(DeclaredMapping.model_fields).encode(), digest_size=8).hexdigest()
