"""Lines of text of a file of unknown encoding, in bounded memory."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from opsconductor.datasets.reading.faults import DataFault, UnreadableFile

CHUNK = 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
"""Maximum length of a line in bytes: 2,000 columns of numbers take a hundredth of it."""
COMPRESSED = (
    (b"PK\x03\x04", "a ZIP archive or a workbook (.xlsx)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "a workbook (.xls)"),
)
"""Beginnings of files that are no text; nothing is ever unpacked."""
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FALLBACK = "cp1252"


@dataclass(slots=True)
class TextFile:
    """A file whose lines are read once.

    Attributes:
        size_read: Bytes read so far.
        remarks: What a reader of the file should know: another encoding than UTF-8.
    """

    file: BinaryIO
    name: str
    size_read: int = 0
    remarks: list[str] = field(default_factory=list)
    _lines: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends, which may be LF, CR LF or CR.

        Raises:
            UnreadableFile: It is compressed or binary, or a line is too long.
        """
        head = self._read()
        for beginning, what in COMPRESSED:
            if head.startswith(beginning):
                raise self._fault(0, what, "CSV as text: unpack it, or save the sheet as CSV")
        encoding = next((name for mark, name in MARKS if head.startswith(mark)), "")
        yield from self._marked(head, encoding) if encoding == "utf-16" else self._bytes(head)

    def _bytes(self, head: bytes) -> Iterator[str]:
        """Yield lines of an encoding that contains ASCII."""
        rest = head.removeprefix(codecs.BOM_UTF8)
        while rest:
            chunk = self._read()
            end = len(rest) if not chunk else self._last_break(rest)
            if end == 0:
                if len(rest) > LONGEST_LINE:
                    raise self._too_long()
                rest += chunk
                continue
            block, rest = rest[:end], rest[end:] + chunk
            yield from self._split(self._decoded(block))

    def _marked(self, head: bytes, encoding: str) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        rest, chunk = decoder.decode(head), head
        while rest or chunk:
            chunk = self._read()
            more = decoder.decode(chunk, final=not chunk)
            end = len(rest) if not chunk else max(rest.rfind("\n") + 1, 0)
            if end == 0 and len(rest) > LONGEST_LINE:
                raise self._too_long()
            block, rest = rest[:end], rest[end:] + more
            yield from self._split(block)

    def _split(self, block: str) -> Iterator[str]:
        if "\0" in block:
            line = self._lines + block.count("\n", 0, block.index("\0")) + 1
            raise self._fault(line, "a NUL byte", "text: UTF-8, UTF-16 with a byte order mark, Windows-1252")
        for line_text in io.StringIO(block, newline=""):
            self._lines += 1
            yield line_text

    def _decoded(self, block: bytes) -> str:
        try:
            return block.decode()
        except UnicodeDecodeError as error:
            if not self.remarks:
                line = self._lines + block.count(b"\n", 0, error.start) + 1
                self.remarks.append(
                    f"{self.name}:{line} is not UTF-8: it was read as Windows-1252; "
                    "save the file as UTF-8 if names look wrong"
                )
            return block.decode(FALLBACK, errors="replace")

    def _read(self) -> bytes:
        chunk = self.file.read(CHUNK)
        self.size_read += len(chunk)
        return chunk

    @staticmethod
    def _last_break(block: bytes) -> int:
        """Return the end of the last complete line; a CR at the very end may be half of CR LF."""
        return block.rfind(b"\n") + 1 or block.rfind(b"\r", 0, -1) + 1

    def _too_long(self) -> UnreadableFile:
        longest = f"lines of {LONGEST_LINE:,} bytes at most"
        return self._fault(self._lines + 1, "a longer line", longest)

    def _fault(self, line: int, found: str, expected: str) -> UnreadableFile:
        fault = DataFault(file=self.name, line=line, column="", found=found, expected=expected)
        return UnreadableFile(fault)
