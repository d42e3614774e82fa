"""Checkpoints of the detector's state: files that are replaced as a whole."""

import json
import os
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from opsconductor.errors import DecodeError

MAGIC: Final = b"OCWATCH1"
HEAD: Final = struct.Struct("<8sII")
FOLDER: Final = "detector"
NAME: Final = "checkpoint"
LONGEST_HEADER: Final = 1_000_000


def write_checkpoint(data_dir: Path, sequence: int, parts: Mapping[str, bytes]) -> int:
    """Replace the checkpoint; return its size. Blocks: call it in a thread.

    Args:
        sequence: The last batch that the state contains.
    """
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    sizes = {name: [len(part), zlib.crc32(part)] for name, part in parts.items()}
    header = json.dumps({"sequence": sequence, "parts": sizes}).encode()
    temporary = folder / f"{NAME}.new"
    with temporary.open("wb") as file:
        file.write(HEAD.pack(MAGIC, len(header), zlib.crc32(header)))
        file.write(header)
        for part in parts.values():
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    temporary.replace(folder / NAME)
    return size


def checkpoint_at(data_dir: Path) -> datetime | None:
    """Return when the checkpoint was written; None: there is none. Blocks."""
    try:
        return datetime.fromtimestamp((data_dir / FOLDER / NAME).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def read_checkpoint(data_dir: Path) -> tuple[int, dict[str, bytes]] | None:
    """Return the sequence and the parts of the checkpoint; None: there is none. Blocks.

    A part that is damaged is left out: what it was about begins anew.

    Raises:
        DecodeError: It is not a checkpoint, or its header is damaged.
    """
    try:
        content = (data_dir / FOLDER / NAME).read_bytes()
    except FileNotFoundError:
        return None
    if len(content) < HEAD.size:
        raise DecodeError(f"{FOLDER}/{NAME}: too short for a checkpoint")
    magic, length, crc = HEAD.unpack_from(content)
    raw = content[HEAD.size : HEAD.size + min(length, LONGEST_HEADER)]
    if magic != MAGIC or zlib.crc32(raw) != crc:
        raise DecodeError(f"{FOLDER}/{NAME}: its header is damaged")
    header = json.loads(raw)
    at = HEAD.size + length
    parts = {}
    for name, (size, wanted) in header["parts"].items():
        part = content[at : at + size]
        at += size
        if len(part) == size and zlib.crc32(part) == wanted:
            parts[name] = part
    return int(header["sequence"]), parts
