"""Values that the tails call once in X days occur about as often, whatever the distribution."""

import numpy as np
import pytest

from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.tails import Tails, end_block, fitted, rarity

SERIES = 2_000
LEARNT, JUDGED = 120, 120
DRAWS = {
    "normal": lambda rng: np.abs(rng.normal(size=(72, SERIES))),
    "heavy": lambda rng: np.abs(rng.standard_t(3, size=(72, SERIES))),
    "exponential": lambda rng: rng.exponential(size=(72, SERIES)),
    "intermittent": lambda rng: (rng.random((72, SERIES)) < 0.02) * rng.geometric(0.2, size=(72, SERIES)),
}


@pytest.mark.parametrize("kind", sorted(DRAWS))
def test_rare_claims_are_not_made_more_often_than_they_say(kind: str) -> None:
    """Once in ten days is claimed at most twice as often as that, once in a hundred at most four times."""
    rng, config = np.random.default_rng(3), DetectorConfig()
    arrays = {
        name: np.zeros((1, SERIES), dtype=np.float32) for name in ("mean", "spread", "highest", "limit")
    }
    tails = Tails(**arrays)
    made = []
    for block in range(LEARNT + JUDGED):
        highest = DRAWS[kind](rng).max(axis=0, keepdims=True).astype(np.float32)
        blocks = np.full(SERIES, block, dtype=np.float32)
        if block >= LEARNT:
            made.append(rarity(highest, tails, fitted(tails.spread, blocks, config)))
        tails.highest[...] = highest
        end_block(tails, blocks)
    claims, days = np.concatenate(made), JUDGED * config.block_s / 86_400
    for rare, factor in ((1.0, 2.0), (2.0, 4.0)):
        expected = SERIES * days / 10**rare
        assert (claims >= rare).sum() < factor * expected
