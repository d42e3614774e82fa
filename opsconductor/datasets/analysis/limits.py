"""Limits of both distances: by the quantiles of the baseline, or as configured."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsconductor.datasets.analysis.quantiles import DistanceLimit, limit_of
from opsconductor.datasets.analysis.settings import AnalysisSettings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceLimits:
    """Limits of anomalous rows and of warnings; a row needs to exceed one of two."""

    t2: DistanceLimit
    spe: DistanceLimit
    t2_warning: DistanceLimit
    spe_warning: DistanceLimit


def limits_of(t2: Floats, spe: Floats, settings: AnalysisSettings) -> DistanceLimits:
    """Return the limits; T2 and SPE have half of the rate of false alarms each."""
    t2_limit = _limit(t2, settings.false_alarm_rate, settings.t2_limit)
    spe_limit = _limit(spe, settings.false_alarm_rate, settings.spe_limit)
    return DistanceLimits(
        t2=t2_limit,
        spe=spe_limit,
        t2_warning=_below(_limit(t2, settings.warning_rate, None), t2_limit),
        spe_warning=_below(_limit(spe, settings.warning_rate, None), spe_limit),
    )


def _limit(distances: Floats, rate: float, configured: float | None) -> DistanceLimit:
    if configured is not None:
        return DistanceLimit(value=configured, source="configured")
    return limit_of(distances, rate / 2)


def _below(warning: DistanceLimit, limit: DistanceLimit) -> DistanceLimit:
    return warning if warning.value <= limit.value else limit
