"""MIB files in the given paths: files, folders, zip and tar archives."""

import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from opsconductor.errors import CompileError

LARGEST_FILE = 16 * 1024 * 1024
"""Octets of one MIB file, also of one in an archive; larger ones are refused."""

LARGEST_ARCHIVE = 2 * 1024 * 1024 * 1024
"""Octets of what an archive holds, after decompression."""

MOST_FILES = 100_000

_MARKS = (b"DEFINITIONS", b"D\x00E\x00F\x00I\x00N\x00I\x00T\x00I\x00O\x00N\x00S\x00")


@dataclass(frozen=True, slots=True)
class MibFile:
    """One file that may hold modules.

    Attributes:
        name: Path, with that within the archive after `!`.
        read: Returns its content; raises CompileError when that is too large or damaged.
    """

    name: str
    read: Callable[[], bytes]


def find_files(paths: Iterable[Path], stack: ExitStack) -> list[MibFile]:
    """Return the files in the given paths, in the order of the paths, within a folder by name.

    Args:
        stack: Closes archives.

    Raises:
        CompileError: A path does not exist or cannot be read, or there are too many files.
    """
    found: list[MibFile] = []
    for path in paths:
        for each in _files(path, stack):
            found.append(each)
            if len(found) > MOST_FILES:
                raise CompileError(f"{path}: more than {MOST_FILES} files; import them in parts")
    return found


def is_mib(content: bytes) -> bool:
    """Return True if a file looks like a MIB module."""
    return any(mark in content for mark in _MARKS)


def _files(path: Path, stack: ExitStack) -> Iterator[MibFile]:
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    yield from _file(Path(folder, name), stack)
    elif path.exists():
        yield from _file(path, stack)
    else:
        raise CompileError(f"{path} does not exist")


def _file(path: Path, stack: ExitStack) -> Iterator[MibFile]:
    """Yield a file, or what is in an archive; one that cannot be read fails when it is read."""
    if not path.is_file():
        return
    try:
        if zipfile.is_zipfile(path):
            yield from _zipped(path, stack)
        elif tarfile.is_tarfile(path):
            yield from _tarred(path, stack)
        else:
            yield MibFile(str(path), lambda: _read_plain(path))
    except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise CompileError(f"{path} cannot be read: {error}") from error


def _read_plain(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _bounded(file)
    except OSError as error:
        raise CompileError(f"it cannot be read: {error.strerror}") from error


def _bounded(file: IO[bytes]) -> bytes:
    content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise CompileError(f"it is larger than {LARGEST_FILE // 1024 // 1024} MiB")
    return content


def _zipped(path: Path, stack: ExitStack) -> Iterator[MibFile]:
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = [each for each in archive.infolist() if not each.is_dir()]
    _check_size(path, sum(each.file_size for each in members), len(members))
    for member in members:

        def read(member: zipfile.ZipInfo = member) -> bytes:
            try:
                with archive.open(member) as file:
                    return _bounded(file)
            except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
                raise CompileError(f"it cannot be unpacked: {error}") from error

        yield MibFile(f"{path}!{member.filename}", read)


def _tarred(path: Path, stack: ExitStack) -> Iterator[MibFile]:
    archive = stack.enter_context(tarfile.open(path))  # noqa: SIM115 - the stack closes it
    members: list[tarfile.TarInfo] = []
    size = 0
    for member in archive:
        if member.isfile():
            members.append(member)
            size += member.size
            _check_size(path, size, len(members))
    for member in members:

        def read(member: tarfile.TarInfo = member) -> bytes:
            try:
                file = archive.extractfile(member)
                return _bounded(file) if file else b""
            except (OSError, tarfile.TarError, EOFError) as error:
                raise CompileError(f"it cannot be unpacked: {error}") from error

        yield MibFile(f"{path}!{member.name}", read)


def _check_size(path: Path, size: int, count: int) -> None:
    if size > LARGEST_ARCHIVE:
        raise CompileError(f"{path} holds more than {LARGEST_ARCHIVE // 1024**3} GiB; import it in parts")
    if count > MOST_FILES:
        raise CompileError(f"{path} holds more than {MOST_FILES} files; import it in parts")
