"""The spool's mark: how far it was written and drained, stored apart from its records.

Without it missing last records could not be detected. Two slots are written in turn, so that one is
complete whenever the daemon is killed; both are in a file that never grows, so that it can be written on
a full disk too.
"""

import os
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SLOT_BYTES = 512
FIELDS = struct.Struct("<QQQQQ")
"""Turn, last number written, reports in all, last number drained, reports up to that."""
CHECKSUM = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableMark:
    """Progress of the spool.

    Attributes:
        written: The last number that is fsynced.
        written_reports: Number of reports up to it.
        drained: The last number that is no longer needed.
        drained_reports: Number of reports up to it.
    """

    written: int = 0
    written_reports: int = 0
    drained: int = 0
    drained_reports: int = 0


class MarkFile:
    """The mark on the disk; every method raises OSError when the disk fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = DurableMark()
        self._turn = 0
        self._file: int | None = None

    def open(self) -> int:
        """Open or create the file.

        Returns:
            Number of slots that should exist and cannot be read: with 1 the mark may be one write behind,
            with 2 there is none.
        """
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        slots = [slot for slot in map(self._read, (0, 1)) if slot is not None]
        if slots:
            self._turn, self.mark = max(slots, key=lambda slot: slot[0])
        return min(2, self._turn if slots else 2) - len(slots)

    def write(self, mark: DurableMark) -> None:
        """Store a mark; it is fsynced when this returns."""
        assert self._file is not None
        self._turn += 1
        fields = FIELDS.pack(
            self._turn, mark.written, mark.written_reports, mark.drained, mark.drained_reports
        )
        slot = (fields + CHECKSUM.pack(zlib.crc32(fields))).ljust(SLOT_BYTES, b"\0")
        os.pwrite(self._file, slot, self._turn % 2 * SLOT_BYTES)
        os.fdatasync(self._file)
        self.mark = mark

    def is_in_place(self) -> bool:
        """Return True if the file is still at its path."""
        assert self._file is not None
        with suppress(FileNotFoundError):
            return self.path.stat().st_ino == os.fstat(self._file).st_ino
        return False

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _read(self, slot: int) -> tuple[int, DurableMark] | None:
        assert self._file is not None
        data = os.pread(self._file, FIELDS.size + CHECKSUM.size, slot * SLOT_BYTES)
        if len(data) < FIELDS.size + CHECKSUM.size:
            return None
        if CHECKSUM.unpack_from(data, FIELDS.size) != (zlib.crc32(data[: FIELDS.size]),):
            return None
        turn, written, written_reports, drained, drained_reports = FIELDS.unpack_from(data)
        mark = DurableMark(
            written=written,
            written_reports=written_reports,
            drained=drained,
            drained_reports=drained_reports,
        )
        return turn, mark
