"""Files that `opsconductor rules` reads: rules that are not applied, and alerts that do not exist."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.provision.document import read_document
from opsconductor.config.provision.provision import STANDARD_INPUT, find_files
from opsconductor.errors import ConfigError, Fault

RULES_FILE = click.Path(path_type=Path, allow_dash=True)
SUFFIXES = (".yaml", ".yml", ".json")


def read_rules(path: Path) -> dict[str, Any]:
    """Return what a provisioning file, or a folder of them, holds as one document."""
    document: dict[str, Any] = {}
    with errors_shown():
        files, faults = find_files([_place(path)])
        if faults:
            raise ConfigError(faults)
        for file in files:
            for table, rows in _mapping_in(file, "a provisioning file").items():
                document[table] = [*document.get(table, ()), *(rows or ())]
    return document


def read_example(subject: str) -> dict[str, Any] | None:
    """Return the alert that a file describes; None if the argument is the id of an alert."""
    if subject != "-" and not subject.endswith(SUFFIXES) and not Path(subject).is_file():
        return None
    with errors_shown():
        return dict(_mapping_in(_place(Path(subject)), "an alert: a mapping with device and alert_type"))


def _place(path: Path) -> Path:
    return STANDARD_INPUT if path == Path("-") else path


def _mapping_in(path: Path, expected: str) -> Mapping[str, Any]:
    document, faults = read_document(path)
    if faults:
        raise ConfigError(faults)
    if not isinstance(document.value, Mapping):
        found = "nothing" if document.value is None else "something else"
        raise ConfigError([Fault(file=str(path), line=1, key="file", found=found, expected=expected)])
    return document.value
