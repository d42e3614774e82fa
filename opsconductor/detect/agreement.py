"""Combined rarity of the channels of a series: that of the rarest, and more where others agree with it."""

import numpy as np
from numpy.typing import NDArray

POWER = 0.8
"""With 1, channels would count as having nothing to do with each other; without end, only the rarest would.
Chosen on a synthetic fleet and on the data of Numenta's benchmark; 0.7 and 0.9 hardly differ."""


def agreed(claims: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rarity, in log10 of days, that rarities of shape (channels, samples) come to together.

    The days to the power of POWER are added: one channel alone is what it is, two of the same rarity are
    rarer by a factor of 2 ^ (1 / POWER).
    """
    highest = claims.max(axis=0, initial=-9)
    others = np.exp2((claims - highest) * np.float32(POWER * np.log2(10)))
    result: NDArray[np.float32] = highest + np.log10(others.sum(axis=0)) / np.float32(POWER)
    return result
