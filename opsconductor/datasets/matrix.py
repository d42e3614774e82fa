"""A matrix of rows by features in files: read and written in parts, so that memory does not grow with it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

VALUES, TIMES, LINES, INDEX = "values.f32", "times.f64", "lines.u32", "index.json"
PART_BYTES = 16 * 1024 * 1024
"""Memory of a part that is read, as 32-bit numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetColumn:
    """One column of a dataset.

    Attributes:
        kind: `number`, `time` or `text`.
        missing: Rows without a value.
        is_text: It looked like numbers at first, but most cells are none: it is not analysed.
        low: Smallest value; None: there is none.
        origin: Subtracted from stored values, so that 32 bits keep differences of large numbers.
    """

    name: str
    kind: str
    is_text: bool = False
    missing: int = 0
    wrong: int = 0
    low: float | None = None
    high: float | None = None
    origin: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedFile:
    """One file of a dataset.

    Attributes:
        first_row: Index of its first row in the dataset, from 0.
    """

    name: str
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixIndex:
    """What the files of a matrix hold.

    Attributes:
        columns: All of the dataset; those of kind `number` are columns of the matrix, in order.
        has_times: There is a column of times.
        in_order: The times never decrease.
    """

    rows: int
    columns: tuple[DatasetColumn, ...]
    files: tuple[MergedFile, ...]
    has_times: bool
    in_order: bool

    @property
    def features(self) -> tuple[DatasetColumn, ...]:
        """Return the columns of the matrix."""
        return tuple(column for column in self.columns if column.kind == "number")

    def write(self, folder: Path) -> None:
        """Write it beside the matrix."""
        (folder / INDEX).write_text(json.dumps(asdict(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetMatrix:
    """A matrix in a folder; values are relative to the origins of their columns.

    Attributes:
        stored: Number of columns in the file, of which `use` are read.
    """

    folder: Path
    index: MatrixIndex
    stored: int
    use: npt.NDArray[np.int64]

    def parts(self, begin: int, end: int) -> Iterator[tuple[int, Floats]]:
        """Yield the rows of a range in parts: the index of the first row, and rows by used columns."""
        if not self.stored:
            return
        step = max(1, PART_BYTES // (4 * self.stored))
        with (self.folder / VALUES).open("rb") as file:
            file.seek(4 * self.stored * begin)
            for first in range(begin, end, step):
                amount = min(step, end - first)
                flat = np.fromfile(file, np.float32, amount * self.stored)
                yield first, flat.reshape(amount, self.stored)[:, self.use].astype(np.float64)

    def rows_at(self, rows: Sequence[int]) -> Floats:
        """Return single rows."""
        found = np.empty((len(rows), self.use.size))
        with (self.folder / VALUES).open("rb") as file:
            for place, row in enumerate(rows):
                file.seek(4 * self.stored * row)
                found[place] = np.fromfile(file, np.float32, self.stored)[self.use]
        return found

    def times(self) -> Floats | None:
        """Return the time of each row in seconds since 1970, mapped into memory; None: there is none."""
        if not self.index.has_times or not self.index.rows:
            return None
        return np.memmap(self.folder / TIMES, np.float64, "r")

    def lines(self) -> npt.NDArray[np.uint32]:
        """Return the line of each row in its file, mapped into memory."""
        if not self.index.rows:
            return np.zeros(0, np.uint32)
        return np.memmap(self.folder / LINES, np.uint32, "r")

    def file_of(self, row: int) -> str:
        """Return the name of the file that a row is from."""
        return next(file.name for file in self.index.files if row < file.first_row + file.rows)


def open_matrix(folder: Path) -> DatasetMatrix:
    """Open a matrix with all of its columns."""
    given = json.loads((folder / INDEX).read_text())
    columns = tuple(DatasetColumn(**column) for column in given.pop("columns"))
    files = tuple(MergedFile(**file) for file in given.pop("files"))
    index = MatrixIndex(**given, columns=columns, files=files)
    stored = len(index.features)
    return DatasetMatrix(folder=folder, index=index, stored=stored, use=np.arange(stored))
