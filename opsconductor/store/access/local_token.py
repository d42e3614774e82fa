"""Local API key, by which the command line on the same host is authenticated without set-up."""

import os
from pathlib import Path
from uuid import UUID

import asyncpg

from opsconductor.store.access.keys import Principal, create_key, principal_of_key, revoke_key
from opsconductor.store.access.permissions import PERMISSIONS

FILE = "cli.token"
KEY_NAME = "local-cli"
ROLE = "admin"
LOCAL = Principal(
    key_id=UUID(int=0),
    name=KEY_NAME,
    user_id=None,
    roles=(ROLE,),
    permissions=frozenset(PERMISSIONS),
)
"""Principal of the local key while the database is away."""


async def ensure_local_token(pool: asyncpg.Pool, data_dir: Path) -> Path:
    """Store a valid administrator's key in `data_dir/cli.token`, readable by the daemon's user only.

    A user who can read the data directory could read and change the database as well, so the file permits
    nothing more. A key of an earlier version, which permits less, is replaced.

    Returns:
        The file.

    Raises:
        OSError: The file cannot be written.
    """
    path = data_dir / FILE
    present = read_local_token(data_dir)
    known = None if present is None else await principal_of_key(pool, present)
    if known is None or not known.permissions.issuperset(PERMISSIONS):
        await revoke_key(pool, KEY_NAME)
        _write(path, await create_key(pool, name=KEY_NAME, role=ROLE))
    return path


def read_local_token(data_dir: Path) -> str | None:
    """Return the local key, or None if there is none that this user may read."""
    try:
        return (data_dir / FILE).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, key: str) -> None:
    """Replace the file atomically; no other user can read it at any time."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as out:
        out.write(key + "\n")
    fresh.replace(path)
