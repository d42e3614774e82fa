"""The built index of the shipped facts, kept in a file until the catalogue changes."""

import logging
import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

from opsconductor.errors import StoreRejected
from opsconductor.mib.catalogue import SUFFIX, read_catalogue
from opsconductor.mib.index import FactIndex, build_index, open_index

log = logging.getLogger(__name__)

BUILT = "facts.index"
"""Name of the file in the data directory."""

_STANDARD_FIRST = f"standard{SUFFIX}"


def shipped_index(folder: Path, data_dir: Path) -> FactIndex:
    """Return the index of all files of a catalogue; blocks, for some seconds when it has to be built.

    Args:
        folder: Of the files, see `catalogue`.
        data_dir: Where the built index is kept. When it cannot be written, the index stays in memory.

    Raises:
        ConfigError: A file of the catalogue is damaged.
        OSError: One cannot be read.
    """
    files = files_of(folder)
    digest = digest_of(files)
    try:
        index = open_index(data_dir / BUILT)
    except (OSError, ValueError, StoreRejected):
        pass
    else:
        if index.digest == digest:
            return index
    return _build(files, digest, data_dir / BUILT)


def files_of(folder: Path) -> Sequence[Path]:
    """Return the files of a catalogue; of duplicate facts those of the first file are used."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (path.name != _STANDARD_FIRST, path.name))


def digest_of(files: Sequence[Path]) -> str:
    """Return a digest of the state of the files."""
    whole = blake2b(digest_size=16)
    for path in files:
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def _build(files: Sequence[Path], digest: str, target: Path) -> FactIndex:
    catalogues = [read_catalogue(path) for path in files]
    objects = (fact for each in catalogues for fact in each.objects)
    notifications = (fact for each in catalogues for fact in each.notifications)
    mappings = (mapping for each in catalogues for mapping in each.mappings)
    data = build_index(objects, notifications, mappings, digest=digest)
    keep_built(target, data)
    return FactIndex(memoryview(data))


def keep_built(target: Path, data: bytes) -> None:
    """Write a built file in one step; when that is not possible, log it: the next start builds it again."""
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as file:
            file.write(data)
        os.replace(file.name, target)  # noqa: PTH105 - one step, over what is there
    except OSError as error:
        log.warning("a built index cannot be kept", extra={"file": str(target), "error": str(error)})
