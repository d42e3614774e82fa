"""The file of a backup: a tar archive whose last member is the manifest, so that a cut file is noticed.

Everything here blocks: call it in a thread.
"""

import os
import tarfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Self

from opsconductor.errors import StoreRejected
from opsconductor.store.backups.manifest import MANIFEST, BackupEntry, BackupManifest, parse_manifest

CHUNK_BYTES = 1024 * 1024
PRIVATE = 0o600
MOST_MANIFEST_BYTES = 64 * 1024 * 1024


class _Hashed:
    """A file whose SHA-256 is computed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


class BackupWriter:
    """Writes a backup; the file has its name only once it is complete.

    Raises of the constructor and all methods:
        OSError: The file cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._unfinished = target.with_name(f".{target.name}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        self._file = os.fdopen(os.open(self._unfinished, flags, PRIVATE), "w+b")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115 - closed by close()
        self._entries: list[BackupEntry] = []
        self._stream_at = 0
        self._stream_digest = sha256()

    @property
    def entries(self) -> Sequence[BackupEntry]:
        """Everything written so far."""
        return self._entries

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is now; one that has vanished is left out."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            found = os.fstat(file.fileno())
            info = self._info(name, found.st_size)
            info.mtime = int(found.st_mtime)
            hashed = _Hashed(file)
            self._tar.addfile(info, hashed)
        self._entries.append(BackupEntry(name=name, bytes=info.size, sha256=hashed.digest.hexdigest()))

    def begin_stream(self) -> None:
        """Begin a member whose size is not known yet."""
        self._stream_at = self._tar.offset
        self._stream_digest = sha256()
        self._file.seek(self._stream_at + tarfile.BLOCKSIZE)

    def append(self, chunk: bytes) -> None:
        """Append to the member that was begun."""
        self._file.write(chunk)
        self._stream_digest.update(chunk)

    def end_stream(self, name: str) -> None:
        """Complete the member that was begun."""
        end = self._file.tell()
        size = end - self._stream_at - tarfile.BLOCKSIZE
        self._file.write(bytes(-size % tarfile.BLOCKSIZE))
        behind = self._file.tell()
        self._file.seek(self._stream_at)
        self._file.write(self._info(name, size).tobuf(tarfile.GNU_FORMAT))
        self._file.seek(behind)
        self._tar.offset = behind
        self._entries.append(BackupEntry(name=name, bytes=size, sha256=self._stream_digest.hexdigest()))

    def reread(self) -> IO[bytes]:
        """Open the member that was streamed last, for reading."""
        self._file.flush()
        file = self._unfinished.open("rb")
        file.seek(self._stream_at + tarfile.BLOCKSIZE)
        return file

    def finish(self, manifest: BackupManifest) -> None:
        """Write the manifest and give the file its name; everything is on the disk."""
        text = manifest.to_json()
        self._tar.addfile(self._info(MANIFEST, len(text)), BytesIO(text))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unfinished.replace(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Close the file; an unfinished one is deleted."""
        self._file.close()
        self._unfinished.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _info(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, PRIVATE
        return info


def read_manifest(path: Path) -> BackupManifest:
    """Read the manifest of a backup, without checking the rest.

    Raises:
        StoreRejected: It is no complete backup.
        OSError: It cannot be read.
    """
    with _opened(path) as tar:
        return _manifest_of(tar, path)


def extract(path: Path, folder: Path) -> BackupManifest:
    """Unpack a backup into a folder and compare every checksum.

    Raises:
        StoreRejected: It is no complete backup, or something in it has changed.
        OSError: It cannot be read, or the folder cannot be written.
    """
    with _opened(path) as tar:
        manifest = _manifest_of(tar, path)
        expected = {entry.name: entry for entry in manifest.entries}
        for info in _members(tar, path):
            if info.name == MANIFEST:
                continue
            entry = expected.pop(info.name, None)
            if entry is None or not info.isreg():
                raise StoreRejected(f"{path}: {info.name!r} is not in its manifest: it was changed")
            _unpack(tar, info, folder, entry)
    if expected:
        raise StoreRejected(f"{path}: {', '.join(expected)} is missing: it was changed")
    return manifest


def _unpack(tar: tarfile.TarFile, info: tarfile.TarInfo, folder: Path, entry: BackupEntry) -> None:
    target = folder / info.name
    if ".." in Path(info.name).parts or Path(info.name).is_absolute():
        raise StoreRejected(f"{info.name!r} in the backup leads out of its folder")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = tar.extractfile(info)
    assert source is not None
    hashed = _Hashed(source)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb") as file:
        while chunk := hashed.read(CHUNK_BYTES):
            file.write(chunk)
    if hashed.digest.hexdigest() != entry.sha256:
        raise StoreRejected(f"{info.name} in the backup is damaged (SHA-256 differs): take another copy")


def _members(tar: tarfile.TarFile, path: Path) -> Iterator[tarfile.TarInfo]:
    try:
        yield from tar
    except (tarfile.TarError, EOFError) as error:
        raise StoreRejected(f"{path} is damaged: {error}") from error


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError as error:
        raise _incomplete(path) from error


def _manifest_of(tar: tarfile.TarFile, path: Path) -> BackupManifest:
    try:
        file = tar.extractfile(MANIFEST)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise _incomplete(path) from error
    if file is None:
        raise _incomplete(path)
    return parse_manifest(file.read(MOST_MANIFEST_BYTES), str(path))


def _incomplete(path: Path) -> StoreRejected:
    return StoreRejected(
        f"{path} is not a complete file of 'opsconductor backup': it was cut short, changed, or made by "
        "another program. Take another copy of it"
    )
