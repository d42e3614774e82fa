"""Manifest of a backup: what made it, what is in it, and the checksums."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from opsconductor.errors import StoreRejected

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
BASE = "base.tar.gz"
FILES = "files/"
KEY = f"{FILES}secrets.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupEntry:
    """One member of a backup; `bytes` is its size."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupManifest:
    """What a backup is.

    Attributes:
        version: Version of OpsConductor that made it.
        revision: Revision of the schema.
        method: `dump` or `base`.
        postgresql: Version of the server, as `18.1`.
        key_check: Fingerprint of the vault's key, which reveals nothing about it; empty: there was none.
        wal_start: Name of the first WAL segment that a `base` backup needs; empty for a dump.
        rows: Number of rows of the main tables, by table, right after the backup.
    """

    made_at: datetime
    version: str
    revision: str
    method: str
    postgresql: str
    key_check: str
    wal_start: str
    rows: Mapping[str, int]
    entries: tuple[BackupEntry, ...]

    @property
    def has_key(self) -> bool:
        """Whether the vault's key is in the backup."""
        return any(entry.name == KEY for entry in self.entries)

    def to_json(self) -> bytes:
        """Return the manifest as JSON."""
        written = {"format": FORMAT, **asdict(self), "made_at": self.made_at.astimezone(UTC).isoformat()}
        return json.dumps(written, indent=1).encode() + b"\n"


def parse_manifest(text: bytes, origin: str) -> BackupManifest:
    """Read a manifest.

    Raises:
        StoreRejected: It is none, or of a newer format.
    """
    try:
        read: dict[str, Any] = json.loads(text)
        if read.pop("format") > FORMAT:
            raise StoreRejected(
                f"{origin} was made by OpsConductor {read['version']}, whose backups this version cannot "
                "read: install that version or a newer one"
            )
        read["made_at"] = datetime.fromisoformat(read["made_at"])
        read["entries"] = tuple(BackupEntry(**entry) for entry in read["entries"])
        return BackupManifest(**read)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreRejected(f"{origin}: its manifest cannot be read: {error}") from error


def check_restorable(manifest: BackupManifest, version: str, head: str) -> None:
    """Check that this version of OpsConductor can restore a backup.

    Args:
        version: Our version.
        head: The newest revision of the schema that we know.

    Raises:
        StoreRejected: A newer version made it.
    """
    if _numbers(manifest.version) <= _numbers(version) and manifest.revision <= head:
        return
    raise StoreRejected(
        f"the backup was made by OpsConductor {manifest.version} (schema {manifest.revision}), this is "
        f"{version} (schema {head}): install {manifest.version} or a newer version, then restore"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
