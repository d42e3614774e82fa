"""Change of the vault's key in the data directory; each step leaves a key that opens the vault."""

import base64
import os
from contextlib import suppress
from pathlib import Path

from opsconductor.config.vault import KEY_BYTES, KEY_FILE, parse_key
from opsconductor.errors import SecretError

NEXT_FILE = f"{KEY_FILE}.new"
FORMER_FILE = f"{KEY_FILE}.old"


def make_key() -> bytes:
    """Return a random key."""
    return os.urandom(KEY_BYTES)


def stage_key(data_dir: Path, key: bytes) -> None:
    """Write the next key beside the present one, durably.

    Raises:
        SecretError: The file cannot be written.
    """
    path = data_dir / NEXT_FILE
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(data_dir)
    except OSError as error:
        raise SecretError(f"{path}: the new key cannot be written: {error.strerror}") from None


def staged_key(data_dir: Path) -> bytes | None:
    """Return the key that an interrupted change has left, or None.

    Raises:
        SecretError: The file holds no key.
    """
    path = data_dir / NEXT_FILE
    with suppress(FileNotFoundError):
        return parse_key(path.read_text(encoding="ascii", errors="replace"), str(path))
    return None


def use_staged_key(data_dir: Path) -> Path:
    """Put the next key in the place of the present one; return the file that keeps that one.

    Raises:
        SecretError: The files cannot be exchanged; the present key is still in its place.
    """
    present, former = data_dir / KEY_FILE, data_dir / FORMER_FILE
    try:
        former.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            former.hardlink_to(present)
        (data_dir / NEXT_FILE).replace(present)  # atomic: there is a key at every moment
        _sync(data_dir)
    except OSError as error:
        raise SecretError(f"{present}: the key cannot be exchanged: {error.strerror}") from None
    return former


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
