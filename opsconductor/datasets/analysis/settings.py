"""What an analysis is asked for."""

from dataclasses import dataclass
from enum import StrEnum

LEAST_BASELINE = 20
"""Rows that a baseline needs at least."""


class BaselineKind(StrEnum):
    """How the baseline part of a dataset is named."""

    SHARE = "share"
    ROWS = "rows"
    UNTIL = "until"
    FILES = "files"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """Settings of one analysis.

    Attributes:
        baseline_kind: What `baseline_value` counts: the first share of the rows (0 to 1), the first rows, the
            rows before a time (seconds since 1970), the rows of the first files.
        explained_variance: Share of the variance that the principal components keep.
        false_alarm_rate: Share of ordinary rows that may be called anomalous.
        warning_rate: Share of ordinary rows that may be called a warning or worse.
        t2_limit: Limit of T2 in place of the baseline's own quantile; None: by the quantile.
        spe_limit: The same of SPE.
        features: Patterns of the columns to compare; empty: all columns of numbers.
        excluded: Patterns of columns to leave out.
    """

    baseline_kind: BaselineKind = BaselineKind.SHARE
    baseline_value: float = 0.5
    explained_variance: float = 0.95
    false_alarm_rate: float = 0.01
    warning_rate: float = 0.05
    t2_limit: float | None = None
    spe_limit: float | None = None
    features: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class CannotAnalyse(Exception):
    """Raised when a dataset cannot be analysed with these settings; the message says why and what to do."""
