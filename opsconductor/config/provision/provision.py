"""Reading of provisioning files into declared rows, with all faults of all files at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from opsconductor.config.faults import FilePlace, faults_of, shown, unknown_key
from opsconductor.config.load import and_further, in_order
from opsconductor.config.provision.crosscheck import cross_check
from opsconductor.config.provision.document import Document, read_document
from opsconductor.config.provision.rows import MODELS, ConnectorTypes, Item, Key, ProvisionTable
from opsconductor.config.provision.short_channels import with_own_connectors
from opsconductor.config.provision.yaml_reading import KeyPath
from opsconductor.errors import ConfigError, Fault

SUFFIXES = (".yaml", ".yml")
STANDARD_INPUT = Path("/dev/stdin")
FROM_COMMAND_LINE = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """The rows that a set of files declares, validated as far as possible without the database.

    Attributes:
        deleted: Rows to delete; files have none.
        is_taking_back: Its rows that people have taken over become those of the files again.
    """

    files: tuple[Path, ...]
    items: tuple[Item, ...]
    deleted: frozenset[tuple[ProvisionTable, Key]] = frozenset()
    is_taking_back: bool = False


def read_provision(paths: Iterable[Path], installed: ConnectorTypes) -> Provision:
    """Read files and folders of files (`*.yaml`, not recursive) in the order given, then by name.

    Raises:
        ConfigError: With everything that is wrong in any of them.
    """
    files, faults = find_files(paths)
    items: list[Item] = []
    for file in files:
        document, unreadable = read_document(file)
        origin = FROM_COMMAND_LINE if file == STANDARD_INPUT else str(file.absolute())
        found = list(read_items(document, origin))
        items += [item for item in found if isinstance(item, Item)]
        faults += and_further(unreadable, [item for item in found if isinstance(item, Fault)])
    return _checked(files, items, faults, installed)


def provision_of(
    value: object, name: str, installed: ConnectorTypes, *, origin: str | None = None
) -> Provision:
    """Return what a document declares that is in no file.

    Args:
        value: As a provisioning file has it.
        name: Stands for the file in the faults.
        origin: Stored with the rows; with one they can be pruned.

    Raises:
        ConfigError: With everything that is wrong in it.
    """
    document = unfiled(value, name)
    found = list(read_items(document, origin))
    items = [item for item in found if isinstance(item, Item)]
    return _checked([], items, [item for item in found if isinstance(item, Fault)], installed)


def unfiled(value: object, name: str) -> Document:
    """Return a value as a document that is in no file; the name stands for the file in faults."""
    return Document(file=name, value=value, lines=dict.fromkeys(_paths(value), 1))


def _paths(value: object, at: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the paths of all keys and list entries, by which faults are placed."""
    entries: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        entries = value.items()
    elif isinstance(value, list | tuple):
        entries = enumerate(value)
    for key, entry in entries:
        yield (*at, key)
        yield from _paths(entry, (*at, key))


def _checked(
    files: Sequence[Path], items: Sequence[Item], faults: Sequence[Fault], installed: ConnectorTypes
) -> Provision:
    items = with_own_connectors(items)
    if faults := [*faults, *cross_check(items, installed)]:
        raise ConfigError(in_order(faults))
    return Provision(files=tuple(files), items=tuple(items))


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Fault]]:
    """Return the files at paths, each once, without hidden ones; a path that does not exist is a fault."""
    files: dict[Path, Path] = {}
    faults: list[Fault] = []
    for path in paths:
        if path.is_dir():
            found = sorted(
                entry
                for entry in path.iterdir()
                if entry.suffix in SUFFIXES and not entry.name.startswith(".")
            )
        else:
            found = [path]
        if not path.exists():
            faults.append(
                Fault(
                    file=str(path), line=None, key="provision", found="nothing", expected="a file or folder"
                )
            )
            continue
        for entry in found:
            files.setdefault(entry.resolve(), entry)
    return list(files.values()), faults


def read_items(document: Document, origin: str | None) -> Iterator[Item | Fault]:
    """Validate one document row by row; return the valid rows and the faults of the others."""
    if document.value is None:
        return
    if not isinstance(document.value, Mapping):
        yield document.fault((), shown(document.value), f"a mapping with some of {', '.join(ProvisionTable)}")
        return
    for name, entries in document.value.items():
        if name not in list(ProvisionTable):
            yield document.fault((name,), "an unknown key", unknown_key(name, list(ProvisionTable)))
        elif isinstance(entries, Sequence) and not isinstance(entries, str):
            for index in range(len(entries)):
                yield from _item(document, ProvisionTable(name), index, entries[index], origin)
        elif entries is not None:
            yield document.fault((name,), shown(entries), "a list")


def _item(
    document: Document, table: ProvisionTable, index: int, entry: object, origin: str | None
) -> Iterator[Item | Fault]:
    at, model = (table.value, index), MODELS[table]
    try:
        row = model.model_validate(entry).model_dump(mode="json")
    except ValidationError as error:
        yield from faults_of(error, FilePlace(document=document, model=model, at=at))
        return
    yield Item(table=table, row=row, document=document, at=at, origin=origin)
