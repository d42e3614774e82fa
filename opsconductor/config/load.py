"""Loading of the daemon's settings: YAML file, environment, references; all faults at once."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from opsconductor.config.effective import SettingOrigins, origins_of
from opsconductor.config.environment import overridden
from opsconductor.config.faults import FilePlace, faults_of, shown
from opsconductor.config.provision.document import Document, read_document
from opsconductor.config.provision.foreign import foreign_references
from opsconductor.config.secrets import no_vault, resolve_into
from opsconductor.config.settings import Settings
from opsconductor.connector.secret_fields import secret_fields
from opsconductor.errors import ConfigError, Fault

DEFAULT_FILES = (Path("etc/opsconductor.yaml"), Path("/etc/opsconductor/opsconductor.yaml"))


def find_settings_file() -> Path | None:
    """Return the first default file that exists, or None: the daemon then runs on its defaults."""
    return next((path for path in DEFAULT_FILES if path.exists()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSettings:
    """The settings, and where each was read from."""

    settings: Settings
    origins: SettingOrigins


def load_settings(path: Path | None = None) -> Settings:
    """Load the settings alone; see `load_with_origins`."""
    return load_with_origins(path).settings


def load_with_origins(path: Path | None = None) -> LoadedSettings:
    """Load the settings; the environment overrides the file.

    Args:
        path: The file; None: the first of `DEFAULT_FILES` that exists, else the defaults.

    Returns:
        `data_dir` is absolute, so that a later change of directory does not matter.

    Raises:
        ConfigError: With everything that is wrong in the file and in the environment.
    """
    document, faults = _document(path or find_settings_file())
    document, unknown = overridden(document, os.environ, Settings)
    document, unresolved = _resolved(document)
    try:
        settings = Settings.model_validate(document.value)
    except ValidationError as error:
        wrong = faults_of(error, FilePlace(document=document, model=Settings))
        raise ConfigError(in_order(and_further(faults + unresolved, wrong + unknown))) from None
    if faults := faults + unresolved + unknown:
        raise ConfigError(in_order(faults))
    return LoadedSettings(settings=settings, origins=origins_of(document))


def in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Sort faults by file and line."""
    files = list(dict.fromkeys(fault.file for fault in faults))
    return sorted(faults, key=lambda fault: (files.index(fault.file), fault.line or 0))


def and_further(unreadable: Sequence[Fault], wrong: Iterable[Fault]) -> list[Fault]:
    """Combine faults of reading and of validation, without validation faults that follow from the former."""
    known = {(fault.file, fault.line, fault.key) for fault in unreadable}
    return [*unreadable, *(fault for fault in wrong if (fault.file, fault.line, fault.key) not in known)]


def _document(path: Path | None) -> tuple[Document, list[Fault]]:
    if path is None:
        return Document(file="defaults", value={}), []
    document, faults = read_document(path)
    if document.value is None:  # nothing but comments, or unreadable and already a fault
        return replace(document, value={}), faults
    if not isinstance(document.value, Mapping):
        fault = document.fault((), shown(document.value), "a mapping of keys to values")
        return replace(document, value={}), [*faults, fault]
    return document, faults


def _resolved(document: Document) -> tuple[Document, list[Fault]]:
    faults: list[Fault] = []
    faults += [
        document.fault(path, found, expected)
        for path, found, expected in foreign_references(document.value, secret_fields(Settings))
    ]
    value = resolve_into(
        document.value,
        no_vault,
        lambda path, error: faults.append(
            document.fault(path, str(error), "a reference that can be resolved")
        ),
    )
    return replace(document, value=value), faults
