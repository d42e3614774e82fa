"""The key that lets the command line on the same machine in without any set-up."""

import os
from pathlib import Path
from uuid import UUID

import asyncpg

from opsconductor.store.access import Principal, create_key, principal_of_key, revoke_key

FILE = "cli.token"
KEY_NAME = "local-cli"
ROLE = "operator"
LOCAL = Principal(
    key_id=UUID(int=0),
    name=KEY_NAME,
    user_id=None,
    roles=(ROLE,),
    permissions=frozenset({"read", "operate", "report"}),
)
"""Whoever has the local key, while the database cannot tell."""


async def ensure_local_token(pool: asyncpg.Pool, data_dir: Path) -> Path:
    """Keep a valid operator's key in `data_dir/cli.token`, readable by the daemon's user alone.

    Who can read the data directory could read the database as well, so the file gives nothing away.

    Returns:
        The file.

    Raises:
        OSError: The file cannot be written.
    """
    path = data_dir / FILE
    present = read_local_token(data_dir)
    if present is None or await principal_of_key(pool, present) is None:
        await revoke_key(pool, KEY_NAME)
        _write(path, await create_key(pool, name=KEY_NAME, role=ROLE))
    return path


def read_local_token(data_dir: Path) -> str | None:
    """Read the local key; None when there is none that this user may read."""
    try:
        return (data_dir / FILE).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, key: str) -> None:
    """Replace the file in one step; at no time can anyone else read it."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as out:
        out.write(key + "\n")
    fresh.replace(path)
