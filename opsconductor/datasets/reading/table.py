"""Reading of the files of a dataset into one matrix."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from opsconductor.datasets.matrix import MatrixIndex
from opsconductor.datasets.reading.block import BlockReader
from opsconductor.datasets.reading.columns import ColumnPlan, plan_of
from opsconductor.datasets.reading.faults import DataFault, FaultList, UnreadableFile
from opsconductor.datasets.reading.rows import CsvFile, Record
from opsconductor.datasets.reading.text import TextFile
from opsconductor.datasets.reading.writer import MatrixWriter

SAMPLE_CELLS = 500_000
SAMPLE_ROWS = 1_000
BLOCK_CELLS = 100_000
"""Cells converted at a time, whose texts take some 10 MB."""

NAMED = 5
"""Columns that a remark names."""

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file to read.

    Attributes:
        name: As its owner calls it.
    """

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutcome:
    """What was read.

    Attributes:
        faults: The first of them; their rows are left out, or their cells have no value.
        remarks: What the owner should know.
    """

    index: MatrixIndex
    faults: Sequence[DataFault]
    fault_total: int
    remarks: Sequence[str]


def read_files(files: Sequence[DataFile], folder: Path, report: Report) -> ReadOutcome:
    """Read files of equal columns, one after another, into a matrix in a folder.

    Args:
        report: Called with how much is read, 0 to 1.

    Raises:
        UnreadableFile: One of them cannot be used at all.
    """
    size = max(1, sum(file.path.stat().st_size for file in files))
    faults, remarks, before = FaultList(), list[str](), 0
    with ExitStack() as stack:
        writer = plan = None
        for file in files:
            text = TextFile(file=stack.enter_context(file.path.open("rb")), name=file.name)
            table = CsvFile(text, faults)
            records = table.records()
            if writer is None or plan is None:
                sample = list(islice(records, max(2, min(SAMPLE_ROWS, SAMPLE_CELLS // len(table.names)))))
                plan = plan_of(table.names, [row for _, row in sample], table.dialect.decimal)
                records = chain(sample, records)
                _check(plan, file.name)
                writer = stack.enter_context(MatrixWriter(folder, plan))
            reader = BlockReader(
                file.name, _same(plan, table.names, file.name), table.dialect.decimal, faults
            )
            for block in _blocks(records, BLOCK_CELLS // len(table.names)):
                writer.write(*reader.convert(block))
                report((before + text.size_read) / size)
            writer.end_file(file.name)
            before += text.size_read
            remarks += text.remarks
        assert writer is not None
        index = writer.index()
    _check_rows(index, files)
    index.write(folder)
    return ReadOutcome(
        index=index, faults=faults.first, fault_total=faults.total, remarks=[*remarks, *_remarks(index)]
    )


def _blocks(records: Iterator[Record], rows: int) -> Iterator[list[Record]]:
    while block := list(islice(records, max(1, rows))):
        yield block


def _check(plan: ColumnPlan, file: str) -> None:
    if not plan.numbers:
        raise UnreadableFile(
            DataFault(
                file=file, line=1, column="", found="no column of numbers", expected="one or more to compare"
            )
        )


def _check_rows(index: MatrixIndex, files: Sequence[DataFile]) -> None:
    if index.rows == 0:
        fault = DataFault(
            file=files[0].name,
            line=2,
            column="",
            found="no rows",
            expected="rows of numbers below the header",
        )
        raise UnreadableFile(fault)


def _same(plan: ColumnPlan, names: Sequence[str], file: str) -> ColumnPlan:
    """Return the plan for a file, whose columns must be those of the first one in the same order.

    Raises:
        UnreadableFile: They are not; the message names the first that differs.
    """
    if tuple(names) == plan.names:
        return plan
    pairs = zip(names, plan.names, strict=False)
    at = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(names), len(plan.names)))
    found = names[at] if at < len(names) else f"{len(names)} columns"
    expected = plan.names[at] if at < len(plan.names) else f"{len(plan.names)} columns"
    raise UnreadableFile(
        DataFault(
            file=file, line=1, column=f"{at + 1}", found=found, expected=f"{expected}, as in the first file"
        )
    )


def _remarks(index: MatrixIndex) -> Iterator[str]:
    """Yield what an owner should know before analysing."""
    numbers = index.features
    for column in index.columns:
        if column.is_text and column.kind == "number":
            yield f"column {column.name} holds mostly text and is left out"
        elif column.kind == "number" and column.low is None:
            yield f"column {column.name} is empty"
    constant = [column.name for column in numbers if column.low is not None and column.low == column.high]
    if constant:
        more = "…" if len(constant) > NAMED else ""
        yield f"{len(constant)} columns never change: {', '.join(constant[:NAMED])}{more}"
    if not index.has_times:
        yield "no column of times was found: rows are identified by their numbers"
    elif not index.in_order:
        yield "the rows are not in the order of their times; they are analysed in the order of the file"
