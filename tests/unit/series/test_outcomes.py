"""The outcome of each post's points, when several posts are written together."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np

from opsconductor.model.measured.measurement import Measurement
from opsconductor.series.intake import Offer
from opsconductor.series.points import Columns
from opsconductor.series.resolving import ResolvedPoints
from opsconductor.series.writer import _outcomes

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_post_gets_its_own_outcome() -> None:
    """Positions count within the post; an empty one, and one refused as a whole, are right too."""
    sizes = (3, 0, 2, 4)
    offers = [Offer(measurements=[Measurement("m", 1.0, AT, None, "a")] * size, source="s") for size in sizes]
    columns = Columns(np.zeros(9, np.int32), np.zeros(9, np.int64), np.zeros(9))
    found = ResolvedPoints(
        columns, {8: "future", 3: "too_old", 4: "no_device", 2: "bad_metric"}, {}, [], Counter(), Counter()
    )
    outcomes = _outcomes(offers, found, {0, 5, 6})
    assert [(each.accepted, each.repeated, dict(each.refused)) for each in outcomes] == [
        (1, 1, {2: "bad_metric"}),
        (0, 0, {}),
        (0, 0, {0: "too_old", 1: "no_device"}),
        (1, 2, {3: "future"}),
    ]
