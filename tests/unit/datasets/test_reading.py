"""Reading of CSV files from outside: encodings, delimiters, times, faults with line and column."""

from pathlib import Path

import numpy as np
import pytest

from opsconductor.datasets.matrix import open_matrix
from opsconductor.datasets.reading.faults import UnreadableFile
from opsconductor.datasets.reading.table import DataFile, ReadOutcome, read_files


def read(folder: Path, *contents: bytes) -> ReadOutcome:
    """Read files of these contents."""
    files = []
    for at, content in enumerate(contents):
        path = folder / f"{at}.csv"
        path.write_bytes(content)
        files.append(DataFile(name=path.name, path=path))
    return read_files(files, folder, lambda _share: None)


def values_in(folder: Path) -> np.ndarray:
    """Return all values."""
    matrix = open_matrix(folder)
    origins = np.array([column.origin for column in matrix.index.features])
    return np.concatenate([part for _, part in matrix.parts(0, matrix.index.rows)]) + origins


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n3,4\n",
        b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4",
        "a,b\n1,2\n3,4\n".encode("utf-16"),
        b"a;b\n1,0;2,0\n3,0;4,0\n",
        b'"a"\t"b"\r1\t2\r3\t4\r',
        b'a|b\n"1"|"2"\n\n"3"|"4"\n',
    ],
)
def test_files_of_all_kinds_are_the_same_numbers(tmp_path: Path, content: bytes) -> None:
    """With or without byte order mark, any line end, other delimiters, decimal commas."""
    assert read(tmp_path, content).fault_total == 0
    assert values_in(tmp_path).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-03-01T10:00:00Z", 1772359200),
        ("2026-03-01 11:00:00+01:00", 1772359200),
        ("01.03.2026 10:00", 1772359200),
        ("2026/03/01 10:00:00", 1772359200),
        ("1772359200", 1772359200),
        ("1772359200000", 1772359200),
    ],
)
def test_the_column_of_times_is_found(tmp_path: Path, written: str, seconds: int) -> None:
    """In the forms that loggers write, as text or as seconds or milliseconds since 1970."""
    outcome = read(tmp_path, f"site,timestamp,v\nx,{written},1\ny,{written},2\n".encode())
    assert [column.kind for column in outcome.index.columns] == ["text", "time", "number"]
    times = open_matrix(tmp_path).times()
    assert times is not None
    assert times.tolist() == [seconds, seconds]


def test_large_numbers_keep_their_differences(tmp_path: Path) -> None:
    """A counter beyond what 32 bits hold exactly still differs by one."""
    read(tmp_path, b"c\n" + b"".join(b"%d\n" % (10**12 + at) for at in range(5)))
    assert np.diff(values_in(tmp_path)[:, 0]).tolist() == [1, 1, 1, 1]


def test_faults_name_line_and_column_and_the_rest_is_read(tmp_path: Path) -> None:
    """A cell that is no number has no value, a row of another length is left out, both are reported."""
    lines = [b"%d,%d" % (at, at) for at in range(1, 101)]
    lines[9], lines[19], lines[29] = b"10,=cmd|'/c calc'!A1", b"20", b"30,inf"
    outcome = read(tmp_path, b"a,b\n" + b"\n".join(lines) + b"\n")
    reported = [(fault.line, fault.column, fault.found, fault.expected) for fault in outcome.faults]
    assert reported == [
        (11, "b", "=cmd|'/c calc'!A1", "a number"),
        (21, "b", "1 cells", "2 cells"),
        (31, "b", "inf", "a number below 1e+30"),
    ]
    assert (outcome.index.rows, np.isnan(values_in(tmp_path)).sum()) == (99, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"a,b\n", "no column of numbers|no rows"),
        (b"a,b\n1,2\n\x00\x01,2\n", r":3: found a NUL byte"),
        (b"\x1f\x8b\x08\x00", "a gzip file"),
        (b"PK\x03\x04" + b"0" * 5_000, r"a ZIP archive or a workbook \(.xlsx\)"),
        (b"a," * 3_000_000, "lines of 4,194,304 bytes at most"),
        (b'a,b\n1,2\n3,"4', r":3: found a quote that is not closed"),
        (b'a,b\n1,2\n3,"4"5\n', ":3: found CSV that cannot be parsed"),
        (b'a,b\n1,2\n3,"' + b"4\n" * 100_000, r":3: found a cell of more than 131,072 characters"),
        (b"a,b\n" + b"1,2\n" * 50 + b"1\n" * 30, "rows with another number of cells than the header"),
        (b",".join(b"c%d" % at for at in range(2_001)) + b"\n", "2,001 columns, expected 2,000 at most"),
        (b"a,b\nx,y\nx,y\n", "no column of numbers"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_reason(tmp_path: Path, content: bytes, message: str) -> None:
    """Compressed, binary, endless and malformed files; nothing of them is unpacked or run."""
    with pytest.raises(UnreadableFile, match=message):
        read(tmp_path, content)


def test_several_files_are_one_dataset_if_their_columns_are_equal(tmp_path: Path) -> None:
    """Rows follow each other; a file with other columns is refused, naming the first that differs."""
    outcome = read(tmp_path, b"a,b\n1,2\n", b"a,b\n3,4\n5,6\n")
    assert [(file.first_row, file.rows) for file in outcome.index.files] == [(0, 1), (1, 2)]
    assert values_in(tmp_path).tolist() == [[1, 2], [3, 4], [5, 6]]
    with pytest.raises(UnreadableFile, match=r"1.csv:1 column 2: found c, expected b, as in the first file"):
        read(tmp_path, b"a,b\n1,2\n", b"a,c\n3,4\n")


def test_a_file_that_is_not_utf8_is_read_with_a_remark(tmp_path: Path) -> None:
    """Windows-1252 is assumed and remarked."""
    outcome = read(tmp_path, "größe,b\n1,2\n".encode("cp1252"))
    assert outcome.index.columns[0].name == "größe"
    assert "0.csv:1 is not UTF-8" in outcome.remarks[0]
