"""Peaks of findings: their rarest moment, and what of it has not been judged false."""

import numpy as np

from opsconductor.app.detecting.by_device import explained_test, rarities_of
from opsconductor.app.detecting.episode import Peak, explained
from opsconductor.app.detecting.wording.devices import LeadingMetric
from opsconductor.detect.devices import AS_OF_A_SERIES, DeviceFinding
from opsconductor.detect.feedback import Feedback
from opsconductor.detect.findings import Findings


def peak_of_series(found: Findings, row: int, hour: int, feedback: Feedback) -> Peak:
    """Return what was found of a series."""
    rarities, directions, rarity = found.rarities[row], found.directions[row], float(found.rarity[row])
    own, judged = feedback.remaining(
        int(found.series[row]), rarities, directions, hour, float(found.time[row])
    )
    return Peak(
        rarity=rarity,
        own_rarity=rarity if judged is None else own,
        judged=judged is not None,
        rarities=[round(float(each), 4) for each in rarities],
        directions=[int(each) for each in directions],
        explanation=explained(found, row),
    )


def peak_of_device(
    found: DeviceFinding, hour: int, metrics: tuple[LeadingMetric, ...], feedback: Feedback
) -> Peak:
    """Return what was found of a whole device."""
    rarities = rarities_of(found)
    directions = np.ones(len(rarities), np.int8)
    own, judged = feedback.remaining(~found.device, rarities, directions, hour, found.time)
    return Peak(
        rarity=found.rarity,
        own_rarity=(found.rarity if judged is None else own) + AS_OF_A_SERIES,
        judged=judged is not None,
        rarities=[round(float(each), 4) for each in rarities],
        directions=[int(each) for each in directions],
        explanation=explained_test(found),
        metrics=metrics,
    )
