"""Parts of a large batch, so that the detector can be stopped between them."""

from collections.abc import Iterator

import numpy as np

from opsconductor.series.points import PointBatch

MOST_OF_ONE = 200
"""Points of one series in a part: the detector takes them one after the other, in about half a second."""


def slices_of(batch: PointBatch, most: int = MOST_OF_ONE) -> Iterator[PointBatch]:
    """Yield a batch in parts with at most so many points of any series, each series in its order."""
    if len(batch.series) <= most:
        yield batch
        return
    order = np.argsort(batch.series, kind="stable")
    ranked = batch.series[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    if sizes.max() <= most:
        yield batch
        return
    part = np.empty(len(ranked), np.intp)
    part[order] = (np.arange(len(ranked)) - np.repeat(starts, sizes)) // most
    for number in range(int(part.max()) + 1):
        chosen = part == number
        yield PointBatch(
            sequence=batch.sequence,
            series=batch.series[chosen],
            times=batch.times[chosen],
            values=batch.values[chosen],
        )
