"""Our own SNMP engine: its ID and boot count, kept in the data directory."""

import json
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

PLACEHOLDER_ENTERPRISE = 32473
"""The number that RFC 5612 reserves for examples: OpsConductor has none of its own. Seven random bytes
after it make the ID unique.
"""

MAX_BOOTS = 2**31 - 1
MAX_TIME_S = 2**31 - 1
MIN_ENGINE_ID, MAX_ENGINE_ID = 5, 32
_FORMAT_OCTETS = 5
_RANDOM_BYTES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEngine:
    """An engine by which senders of informs can set their clocks.

    Attributes:
        boots: Number of starts, this one included.
        started_s: Monotonic clock in seconds when it started.
    """

    engine_id: bytes
    boots: int
    started_s: float

    def time_s(self, now_s: float) -> int:
        """Return engineTime: whole seconds since the start, by the monotonic clock."""
        return min(int(now_s - self.started_s), MAX_TIME_S)


def new_engine_id() -> bytes:
    """Return an engine ID by RFC 3411: enterprise number, format `octets`, random bytes.

    Twelve bytes, the most that Cisco IOS accepts in `snmp-server engineID remote`.
    """
    enterprise = (PLACEHOLDER_ENTERPRISE | 1 << 31).to_bytes(4, "big")
    return enterprise + bytes((_FORMAT_OCTETS,)) + secrets.token_bytes(_RANDOM_BYTES)


def start_engine(path: Path, now_s: float) -> LocalEngine:
    """Load the engine's ID and count this start; the first start creates the ID (RFC 3414 2.2).

    A file that cannot be parsed is moved aside and the engine gets a new ID: receiving traps is
    more important than the old ID, which only senders of informs may have stored.

    Raises:
        OSError: The file cannot be read or written.
    """
    engine_id, boots = _read(path)
    if engine_id is None or boots >= MAX_BOOTS:
        engine_id, boots = new_engine_id(), 0
    engine = LocalEngine(engine_id=engine_id, boots=boots + 1, started_s=now_s)
    _write(path, engine)
    return engine


def _read(path: Path) -> tuple[bytes | None, int]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None, 0
    kept = _understood(text)
    if kept is None:
        aside = path.with_suffix(".broken")
        path.replace(aside)
        log.warning(
            "SNMP engine file is damaged; the engine gets a new ID",
            extra={"path": str(aside), "remedy": "configure the new engine ID in senders of SNMPv3 informs"},
        )
        return None, 0
    return kept


def _understood(text: str) -> tuple[bytes, int] | None:
    try:
        kept = json.loads(text)
        engine_id, boots = bytes.fromhex(kept["engine_id"]), int(kept["boots"])
    except (ValueError, KeyError, TypeError):
        return None
    is_possible = MIN_ENGINE_ID <= len(engine_id) <= MAX_ENGINE_ID and boots >= 0
    return (engine_id, boots) if is_possible else None


def _write(path: Path, engine: LocalEngine) -> None:
    """Replace the file atomically and sync it to disk before the engine is used."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"engine_id": engine.engine_id.hex(), "boots": engine.boots}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
