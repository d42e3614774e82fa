"""Channels that agree make a finding rarer; one alone keeps its own rarity."""

import numpy as np
import pytest

from opsconductor.detect.agreement import POWER, agreed


def test_one_channel_alone_keeps_its_rarity() -> None:
    """Channels without a finding, or with a usual one, add nothing to a rare one."""
    claims = np.array([[5.0], [-9.0], [0.0]], dtype=np.float32)
    assert agreed(claims)[0] == pytest.approx(5.0, abs=0.001)


def test_channels_of_the_same_rarity_are_rarer_together() -> None:
    """Two channels are rarer than one by 2 ^ (1 / POWER), whatever their rarity, the highest included."""
    claims = np.array([[2.0, 12.0], [2.0, 12.0], [-9.0, -9.0]], dtype=np.float32)
    assert agreed(claims) - claims[0] == pytest.approx(np.log10(2) / POWER, abs=0.001)
