"""Files of datasets in the data directory: random names, for the daemon's user only."""

import os
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = "datasets"
NAME = re.compile(r"[a-z]+-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFiles:
    """The folder of uploaded files, matrices and results; all methods block, so call them in a thread."""

    folder: Path

    def new_name(self, kind: str) -> str:
        """Return a random name; `kind` is a word in lower case that says what it is."""
        return f"{kind}-{secrets.token_hex(16)}"

    def path_of(self, name: str) -> Path:
        """Return the path of a file or a folder."""
        assert NAME.fullmatch(name), name
        return self.folder / name

    def prepare(self) -> None:
        """Create the folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def free_bytes(self) -> int:
        """Return what is free on its disk."""
        self.prepare()
        return shutil.disk_usage(self.folder).free

    def write_at(self, name: str, offset: int, parts: Iterable[bytes]) -> int:
        """Write to a file from an offset on, over what was there after it; return its size.

        Raises:
            OSError: The disk is full, or fails.
        """
        self.prepare()
        descriptor = os.open(self.path_of(name), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(offset)
            file.seek(offset)
            for part in parts:
                file.write(part)
            file.flush()
            return file.tell()

    def sync(self, name: str) -> None:
        """Wait until a file is on disk."""
        descriptor = os.open(self.path_of(name), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def new_folder(self, name: str) -> Path:
        """Create a folder for a job, empty, in place of one that an earlier attempt has left."""
        self.prepare()
        path = self.path_of(name)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return path

    def names(self) -> frozenset[str]:
        """Return what is in the folder."""
        self.prepare()
        return frozenset(entry.name for entry in os.scandir(self.folder) if NAME.fullmatch(entry.name))

    def remove(self, names: Iterable[str]) -> None:
        """Delete files and folders."""
        for name in names:
            path = self.path_of(name)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
