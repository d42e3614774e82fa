"""History that is sent at once, as by an import, is learned, and anomalies in it are reported."""

import numpy as np

from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from tests.support.series.measured_fleet import DAY, HOUR, MONDAY, MeasuredFleet, temperature

DAYS = 15 * DAY


def test_an_anomaly_in_imported_history_does_not_wait_for_the_next_points() -> None:
    """The median time of a batch of 15 days is a week ago; the end of the batch counts."""
    fleet = MeasuredFleet({("sw-1", "temperature", ""): temperature}, step_s=900.0)
    fleet.fault("sw-1", "temperature", (DAYS - 5 * HOUR, DAYS - HOUR), lambda *_: 43.0)
    steps = list(fleet.minutes(0, DAYS))
    watch = MeasurementWatch(fleet.known.get, DetectionSettings(), DetectorConfig())
    columns = [
        np.concatenate([getattr(each, name) for each in steps]) for name in ("series", "times", "values")
    ]
    found = watch.take(1, *columns).and_then(watch.report_due(MONDAY + DAYS + 1))
    assert [each.value for each in found.begun] == [43.0]
    assert found.begun[0].is_admitted
    assert not watch.report_due(MONDAY + DAYS + 2)
