"""Checks of the connectors in a provisioning file, without a daemon."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from opsconductor.app.checks import check_row
from opsconductor.app.connectors.types import installed_types
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.secrets import no_vault
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.store.configuration import ConnectorRow


def check_file(path: Path) -> dict[str, object]:
    """Return the result of the check of each connector in a file, JSON-ready, by name.

    Raises:
        click.exceptions.Exit: The file has faults, which are printed.
    """
    with errors_shown():
        provision = read_provision([path], installed_types())
    rows = [
        ConnectorRow(id=uuid4(), **item.row)
        for item in provision.items
        if item.table is ProvisionTable.CONNECTORS
    ]
    with TemporaryDirectory(prefix="opsconductor-check-") as data_dir:
        found = asyncio.run(_check_all(rows, Path(data_dir)))
    return {name: asdict(result) for name, result in found.items()}


async def _check_all(rows: list[ConnectorRow], data_dir: Path) -> Mapping[str, CheckResult]:
    checks = (check_row(row, no_vault, ConnectorContext(name=row.name, data_dir=data_dir)) for row in rows)
    return dict(zip([row.name for row in rows], await asyncio.gather(*checks), strict=True))
