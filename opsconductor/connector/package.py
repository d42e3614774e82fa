"""Checks of a connector package as a whole: its type, files, sample and golden cases."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from pydantic import ValidationError

from opsconductor.connector.checking.cases import case_faults
from opsconductor.connector.checking.conformance import checked_type
from opsconductor.connector.connector_type import ConnectorType, SourceType
from opsconductor.connector.secret_fields import plain_secrets

FILES = ("config.py", "README.md", "sample.yaml")
"""Files of every connector package beside its code."""


def package_faults(reference: str) -> list[str]:
    """Return all faults of a connector package; empty: it conforms.

    Args:
        reference: Module and name of its type, as in its entry point (`opsconductor_acme:TYPE`).

    Raises:
        ContractError: It exports no type, or one that violates the contract.
    """
    entry = EntryPoint(name="", value=reference, group="")
    connector_type = checked_type(entry.load(), reference)
    folder = folder_of(entry)
    faults = [*file_faults(folder), *secret_faults(connector_type), *sample_faults(folder, connector_type)]
    if isinstance(connector_type, SourceType):
        with TemporaryDirectory() as data_dir:
            faults += case_faults(connector_type, folder, Path(data_dir))
    return faults


def folder_of(entry: EntryPoint) -> Path:
    """Return the folder of the package that an entry point names."""
    spec = find_spec(entry.module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def file_faults(folder: Path) -> Iterator[str]:
    """Yield the files that are missing or empty."""
    for name in FILES:
        path = folder / name
        if not path.is_file() or not path.read_text(encoding="utf-8").strip():
            yield f"{path} is missing or empty"


def secret_faults(connector_type: ConnectorType) -> Iterator[str]:
    """Yield the settings that are secrets by their name, but would be shown in errors and `repr`."""
    for setting in plain_secrets(connector_type.config):
        yield (
            f"{setting} is a secret by its name, but declared as text: declare it as SecretStr of pydantic, "
            "or rename it if it is not"
        )


def sample_faults(folder: Path, connector_type: ConnectorType) -> Iterator[str]:
    """Yield the faults of the configurations in `sample.yaml`."""
    path = folder / "sample.yaml"
    if not path.is_file():
        return
    sample = yaml.safe_load(path.read_text(encoding="utf-8"))
    declared = sample.get("connectors", []) if isinstance(sample, dict) else []
    rows = [row for row in declared if row.get("type") == connector_type.name]
    if not rows:
        yield f"{path} declares no connector of type {connector_type.name}"
    for row in rows:
        try:
            connector_type.validated(row.get("config", {}))
        except ValidationError as error:
            for fault in error.errors():
                yield f"{path}: {row.get('name')}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
