"""Records of a CSV file: rows of cells with their lines, checked against the header."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from opsconductor.datasets.reading.dialect import CsvDialect, dialect_of
from opsconductor.datasets.reading.faults import DataFault, FaultList, UnreadableFile, shown
from opsconductor.datasets.reading.text import TextFile

MOST_COLUMNS = 2_000
"""Maximum number of columns: the correlation of as many takes 32 MB."""
LONGEST_FIELD = 128 * 1024
"""Maximum length of a cell in characters; a quote that is never closed reaches it at once."""
LONGEST_NAME = 200
MOST_RAGGED = 0.1
"""Share of rows with another number of cells beyond which a file is refused."""
RAGGED_AT_LEAST = 20
DIALECT_LINES = 20

Record = tuple[int, list[str]]
"""The line on which a row begins, from 1, and its cells."""


class CsvFile:
    """One file: its header, then its rows.

    Attributes:
        names: The header, each name once.
    """

    def __init__(self, text: TextFile, faults: FaultList) -> None:
        """Read the header.

        Raises:
            UnreadableFile: There is none, or it has too many columns.
        """
        csv.field_size_limit(LONGEST_FIELD)
        self._text = text
        self._faults = faults
        self._rows = self._ragged = 0
        lines = text.lines()
        first = list(islice(lines, DIALECT_LINES))
        self.dialect: CsvDialect = dialect_of(first)
        self._records = self._parsed(chain(first, lines))
        line, header = next(self._records, (0, []))
        if not any(cell.strip() for cell in header):
            raise self._fault(line, "", "an empty file", "a header row with the names of the columns")
        if len(header) > MOST_COLUMNS:
            raise self._fault(line, "", f"{len(header):,} columns", f"{MOST_COLUMNS:,} at most")
        self.names = self._named(header)

    def records(self) -> Iterator[Record]:
        """Yield the rows that have as many cells as the header; others are faults and left out.

        Raises:
            UnreadableFile: Too many have not, or quotes are not closed.
        """
        width = len(self.names)
        for line, row in self._records:
            self._rows += 1
            if len(row) == width:
                yield line, row
            elif row:
                self._ragged += 1
                self._refuse_ragged(line, self._faulty_row(line, row))

    def _refuse_ragged(self, line: int, fault: DataFault) -> None:
        self._faults.add(fault)
        if self._ragged > max(RAGGED_AT_LEAST, MOST_RAGGED * self._rows):
            found = f"{self._ragged:,} of {self._rows:,} rows with another number of cells than the header"
            raise self._fault(line, "", found, f"{len(self.names)} cells in each row")

    def _faulty_row(self, line: int, row: Sequence[str]) -> DataFault:
        """Return the fault of a row; `column` is the first that is missing, or the first cell beyond."""
        amount, width = len(row), len(self.names)
        column = self.names[amount] if amount < width else f"cell {width + 1}"
        return DataFault(
            file=self._text.name, line=line, column=column, found=f"{amount} cells", expected=f"{width} cells"
        )

    def _parsed(self, lines: Iterator[str]) -> Iterator[Record]:
        reader = csv.reader(lines, delimiter=self.dialect.delimiter, strict=True)
        while True:
            begin = reader.line_num + 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise self._malformed(begin, reader.line_num, error) from error
            if row is None:
                return
            if row:
                yield begin, row

    def _malformed(self, begin: int, line: int, error: csv.Error) -> UnreadableFile:
        said = str(error)
        if "field limit" in said:
            found = f"a cell of more than {LONGEST_FIELD:,} characters"
            return self._fault(begin, "", found, "a shorter one; is a quote on this line not closed?")
        if "unexpected end" in said:
            return self._fault(begin, "", "a quote that is not closed before the end of the file", "its end")
        return self._fault(line, "", f"CSV that cannot be parsed ({said})", "quotes around whole cells")

    def _named(self, header: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns: those that are missing or occur twice get a number."""
        names: list[str] = []
        taken: set[str] = set()
        for at, cell in enumerate(header, start=1):
            wanted = shown(cell.strip()[:LONGEST_NAME]) if cell.strip() else f"column {at}"
            name = wanted if wanted not in taken else f"{wanted} ({at})"
            names.append(name)
            taken.add(name)
        return tuple(names)

    def _fault(self, line: int, column: str, found: str, expected: str) -> UnreadableFile:
        return UnreadableFile(
            DataFault(file=self._text.name, line=line, column=column, found=found, expected=expected)
        )
