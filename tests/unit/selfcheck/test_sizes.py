"""The doctor shows the largest tables, how fast they grow, and when the disk is full."""

import pytest

from opsconductor.selfcheck.doctor.finding import FindingVerdict
from opsconductor.selfcheck.doctor.sizes import GIB, MIB, judge_sizes
from opsconductor.store.retention.sizes import TableSize


def sizes_of(*growths: float | None) -> list[TableSize]:
    """Return tables of a GiB each that grow by so many bytes a day."""
    return [
        TableSize(table=f"table_{number}", bytes=GIB, bytes_a_day=growth)
        for number, growth in enumerate(growths)
    ]


@pytest.mark.parametrize(
    ("growths", "free_bytes", "verdict", "text"),
    [
        ([None], GIB, FindingVerdict.OK, "growth is known after a day"),
        ([0.0, None], GIB, FindingVerdict.OK, "they do not grow"),
        (
            [100.0 * MIB, 28.0 * MIB],
            128 * 100 * MIB,
            FindingVerdict.OK,
            "128.0 MiB a day, the disk is full in 100 days",
        ),
        ([GIB * 1.0], 5 * GIB, FindingVerdict.WARNING, "the disk is full in 5 days"),
        ([GIB * 1.0], None, FindingVerdict.OK, "they grow by 1.0 GiB a day"),
    ],
)
def test_growth(
    growths: list[float | None], free_bytes: int | None, verdict: FindingVerdict, text: str
) -> None:
    """Growth is summed over the tables; a disk that is full within a month is a warning."""
    (finding,) = judge_sizes(sizes_of(*growths), free_bytes)
    assert finding.verdict is verdict
    assert text in finding.text
