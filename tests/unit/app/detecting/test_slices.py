"""A batch with many points of one series is judged in parts."""

import numpy as np

from opsconductor.app.detecting.slices import slices_of
from opsconductor.series.points import PointBatch


def batch_of(*series: int) -> PointBatch:
    """Return a batch whose values number its points."""
    amount = np.arange(len(series), dtype=np.float64)
    return PointBatch(sequence=7, series=np.array(series, np.int32), times=amount, values=amount)


def test_no_part_has_more_points_of_a_series_and_none_is_lost() -> None:
    """Each series keeps its order over the parts, and each point is in one part."""
    random = np.random.default_rng(5)
    series = random.choice([1, 2, 3, 9], size=500, p=[0.7, 0.2, 0.09, 0.01])
    parts = list(slices_of(batch_of(*series), most=40))
    assert max(np.bincount(part.series).max() for part in parts) == 40
    assert {part.sequence for part in parts} == {7}
    for one in (1, 2, 3, 9):
        seen = np.concatenate([part.values[part.series == one] for part in parts])
        assert seen.tolist() == np.flatnonzero(series == one).tolist()


def test_an_ordinary_batch_is_left_whole() -> None:
    """Many series with a point each, and an empty batch, are one part."""
    many, none = batch_of(*range(1_000)), batch_of()
    assert list(slices_of(many, most=40)) == [many]
    assert list(slices_of(none, most=40)) == [none]
