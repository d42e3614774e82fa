"""A false positive raises the threshold of its kind at once, fades over 30 days, and hides nothing else."""

import numpy as np
from numpy.typing import NDArray

from opsconductor.detect.channels import CHANNELS, DetectorChannel
from opsconductor.detect.feedback import Feedback, Kind

DAY_S = 86_400.0


def finding(
    *channels: DetectorChannel, rarity: float = 4.0, direction: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return rarities and directions of a finding in some channels."""
    rarities = np.full(CHANNELS, -9, dtype=np.float32)
    rarities[list(channels)] = rarity
    return rarities, np.full(CHANNELS, direction, dtype=np.int8)


def test_the_same_kind_is_quiet_for_a_month_and_then_reported_again() -> None:
    """A repeat of the same size is silent for 29 days, one ten times as rare for three weeks."""
    feedback = Feedback()
    spike = finding(DetectorChannel.RESIDUAL, DetectorChannel.RATE)
    feedback.false_positive(7, *spike, hour=9, at=0.0)
    for day in range(30):
        best, judged = feedback.remaining(7, *spike, hour=9, at=day * DAY_S)
        assert best == -9
        assert judged is not None
    rarer = finding(DetectorChannel.RESIDUAL, rarity=5.0)
    assert feedback.remaining(7, *rarer, hour=10, at=21 * DAY_S)[0] == -9
    again, judged = feedback.remaining(7, *spike, hour=9, at=30 * DAY_S)
    assert 4 < again < 4.5, "both channels together"
    assert judged is None


def test_other_channels_directions_hours_and_series_are_reported() -> None:
    """Only the kind that was judged gets a higher threshold."""
    feedback = Feedback()
    feedback.false_positive(7, *finding(DetectorChannel.RESIDUAL), hour=9, at=0.0)
    assert feedback.remaining(7, *finding(DetectorChannel.FLATLINE), hour=9, at=1.0)[0] == 4
    assert feedback.remaining(7, *finding(DetectorChannel.RESIDUAL, direction=-1), hour=9, at=1.0)[0] == 4
    assert feedback.remaining(7, *finding(DetectorChannel.RESIDUAL), hour=20, at=1.0)[0] == 4
    assert feedback.remaining(8, *finding(DetectorChannel.RESIDUAL), hour=9, at=1.0)[0] == 4


def test_a_true_positive_reverts_it() -> None:
    """A later judgement replaces the earlier one."""
    feedback = Feedback()
    feedback.false_positive(7, *finding(DetectorChannel.RESIDUAL), hour=9, at=0.0)
    feedback.true_positive(7)
    assert len(feedback) == 0


def test_rows_restore_the_same_and_faded_ones_expire() -> None:
    """Stored feedback needs the same rarity after reading; after 30 days it has no effect."""
    feedback, other = Feedback(), Feedback()
    kinds = feedback.false_positive(7, *finding(DetectorChannel.SHIFT), hour=0, at=0.0)
    other.restore(feedback.rows())
    assert {kind.bucket for kind in kinds} == {7, 0, 1}
    kind = Kind(7, DetectorChannel.SHIFT, 1, 0)
    assert other.needed(kind, DAY_S) == feedback.needed(kind, DAY_S) > 4
    other.expire(30 * DAY_S)
    assert len(other) == 0
