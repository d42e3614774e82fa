"""Hyperparameters of the detector: one frozen value, saved with every checkpoint."""

from dataclasses import dataclass

DAY_S = 86_400.0
HOUR_S = 3_600.0
SETTLING_S = 43_200.0
"""Nothing is learnt about tails for as long after the first sample."""
NEW_SEASON_S = 100_000.0
"""Nothing is said by a new season for as long: each hour must have been visited with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorConfig:
    """Hyperparameters that a version of the detector consists of.

    Attributes:
        zone: IANA name of the time zone whose wall clock the seasons follow.
        block_s: Length of the blocks whose maxima calibrate the tails, in seconds.
        learning_s: No finding before a series is observed for as long, in seconds.
        open_days: A finding begins when a deviation is rarer than once in as many days for its series.
        close_days: It ends when every channel is back below once in as many days ...
        close_s: ... for as many seconds, or six samples, whichever is longer.
        tail_prior: Assumed scale of the tail of the logarithm of block maxima before any was seen.
        tail_prior_exceedances: Number of exceedances that the assumption counts for.
        clip: Largest error that a season learns from, in units of its own mean absolute error.
    """

    zone: str = "UTC"
    block_s: float = 6 * HOUR_S
    learning_s: float = 2 * DAY_S
    open_days: float = 100.0
    close_days: float = 4.0
    close_s: float = 1_800.0
    tail_prior: float = 0.2
    tail_prior_exceedances: float = 5.0
    clip: float = 3.0
