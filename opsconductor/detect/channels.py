"""Names of what the detector looks at: channels, seasons, directions and stages of a finding."""

from enum import IntEnum


class DetectorChannel(IntEnum):
    """One way in which a series can be out of the ordinary; the order is that of the arrays."""

    SMOOTHED = 0
    """Mean of the residuals of about an hour."""
    RESIDUAL = 1
    """Value against what was expected at this time."""
    RAW = 2
    """Value against all that the series was, without season."""
    RATE = 3
    """Change since the sample before."""
    SURPRISE = 4
    """Value against the last few, in units of the volatility of the last hours."""
    SHIFT = 5
    """Mean of the last hours against that of the last day."""
    CUSUM = 6
    """Cumulative sum of small residuals of one sign: drift."""
    VOLATILITY = 7
    """Short-term volatility against the usual one."""
    FLATLINE = 8
    """Length of a run of equal values against the longest run of the series."""
    MISSING = 9
    """Time without a value against the usual gaps."""


class Season(IntEnum):
    """What the expected value was taken from."""

    LEVEL = 0
    """Slow level, no season."""
    DAY = 1
    """Hour of the day."""
    WEEK = 2
    """Hour of the week; holidays as the day they are mapped to."""


class Stage(IntEnum):
    """What a row of findings says about its episode."""

    BEGIN = 0
    RISE = 1
    """The episode continues and became rarer by a factor of two or more."""
    END = 2


CHANNELS = len(DetectorChannel)
UP = 1
DOWN = -1
