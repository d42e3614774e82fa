"""The built index of the shipped facts, kept in a file until the catalogue changes."""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

from opsconductor.errors import ConfigError, Fault, StoreRejected
from opsconductor.mib.catalogue import FORM, SUFFIX, vendor_of_file
from opsconductor.mib.index import FactIndex, open_index
from opsconductor.mib.indexing import IndexRows

log = logging.getLogger(__name__)

BUILT = "facts.index"
"""Name of the file in the data directory."""
AT_SETUP = "build"
"""Folder beside that of the MIBs in a checkout, where `make setup` builds the index once for all."""

_STANDARD_FIRST = f"standard{SUFFIX}"


def shipped_index(folder: Path, data_dir: Path) -> FactIndex:
    """Return the index of all files of a catalogue; blocks, for some seconds when it has to be built.

    It is built in a process of its own, which needs the memory and the processor.

    Args:
        folder: Of the files, see `catalogue`.
        data_dir: Where the built index is kept. When it cannot be written, the index stays in memory.

    Raises:
        ConfigError: A file of the catalogue is damaged.
        OSError: One cannot be read.
    """
    files = files_of(folder)
    digest = _state_of(files)
    index = _kept(folder.parents[1] / AT_SETUP, digest) or _kept(data_dir, digest)
    if index is None:
        log.info("building the index of the catalogue, which takes some seconds", extra={"file": str(folder)})
        subprocess.run((*BUILDER, str(folder), str(data_dir)), check=False)
        index = _kept(data_dir, digest)
    return index or FactIndex(memoryview(build(files, digest)))


BUILDER = (sys.executable, "-m", "opsconductor.mib.built")


def _kept(data_dir: Path, digest: str) -> FactIndex | None:
    """Return the index that is kept, if it is that of the files."""
    try:
        index = open_index(data_dir / BUILT)
    except (OSError, ValueError, StoreRejected):
        return None
    return index if index.digest == digest else None


def files_of(folder: Path) -> Sequence[Path]:
    """Return the files of a catalogue; of duplicate facts those of the first file are used."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (path.name != _STANDARD_FIRST, path.name))


def _state_of(files: Sequence[Path]) -> str:
    """Return what differs when a file has changed; reading all of them would take too long at each start."""
    whole = blake2b(digest_size=16)
    for path in files:
        state = path.stat()
        whole.update(f"{path.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return whole.hexdigest()


def digest_of(files: Sequence[Path]) -> str:
    """Return a digest of the contents of files."""
    whole = blake2b(digest_size=16)
    for path in files:
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def build(files: Sequence[Path], digest: str) -> bytes:
    """Return the bytes of the index of files of a catalogue.

    Raises:
        ConfigError: A line is not one of a catalogue.
    """
    rows = IndexRows()
    for path in files:
        vendor = vendor_of_file(path)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                try:
                    rows.add(line, vendor)
                except ValueError as error:
                    fault = Fault(file=str(path), line=number, key=line[:40], found=str(error), expected=FORM)
                    raise ConfigError([fault]) from None
    return rows.build(digest)


def keep_built(target: Path, data: bytes) -> None:
    """Write a built file in one step; when that is not possible, log it: the next start builds it again."""
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as file:
            file.write(data)
        os.replace(file.name, target)  # noqa: PTH105 - one step, over what is there
    except OSError as error:
        log.warning("a built index cannot be kept", extra={"file": str(target), "error": str(error)})


def main(folder: str, data_dir: str) -> None:
    """Build the index and keep it; what is wrong is found again, and reported, by the process that waits."""
    files = files_of(Path(folder))
    if _kept(Path(data_dir), _state_of(files)) is not None:
        return
    try:
        data = build(files, _state_of(files))
    except (ConfigError, OSError):
        raise SystemExit(1) from None
    Path(data_dir).mkdir(parents=True, exist_ok=True)
    keep_built(Path(data_dir) / BUILT, data)


if __name__ == "__main__":
    main(*sys.argv[1:])
