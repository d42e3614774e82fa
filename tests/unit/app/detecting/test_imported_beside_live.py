"""History imported while devices are polled: no series looks missing, and no clock goes back."""

import numpy as np

from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.app.detecting.slices import slices_of
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from opsconductor.model.measured.anomaly import Anomaly, AnomalyNews
from opsconductor.series.points import PointBatch
from tests.support.series.measured_fleet import DAY, HOUR, MONDAY, MeasuredFleet, Minute, temperature

LEARNT = 4 * DAY
STEP_S = 1800.0


def joined(parts: list[Minute]) -> PointBatch:
    """Return minutes as one batch, as the writer combines them."""
    columns = {
        name: np.concatenate([getattr(each, name) for each in parts])
        for name in ("series", "times", "values")
    }
    return PointBatch(sequence=parts[-1].sequence, **columns)


class Worker:
    """Passes batches to a watch as the worker does."""

    def __init__(self, fleet: MeasuredFleet) -> None:
        self.watch = MeasurementWatch(fleet.known.get, DetectionSettings(), DetectorConfig())
        self.begun: list[Anomaly] = []

    def take(self, *parts: Minute) -> None:
        """Take several batches together, then evaluate the clock, as the worker does every second."""
        batch = joined(list(parts))
        news = AnomalyNews()
        for part in slices_of(batch):
            news = news.and_then(self.watch.take(part.sequence, part.series, part.times, part.values))
        news = news.and_then(self.watch.report_due(float(batch.times.max())))
        self.begun += news.begun

    def live(self, fleet: MeasuredFleet, first: float, last: float) -> None:
        """Take polled batches one after the other."""
        for minute in fleet.minutes(first, last):
            self.take(minute)

    def last_times(self) -> list[float]:
        """Return the clocks of the series."""
        assert self.watch._detector is not None
        times: list[float] = self.watch._detector._detector.state.fields["last_time"].tolist()
        return times


def test_history_beside_live_values_makes_nothing_look_missing() -> None:
    """No series goes back in time, and a jump is reported at once."""
    metrics = ("temperature", "battery_temperature", "load", "output_voltage")
    polled_shapes = {("sw-1", name, ""): temperature for name in metrics}
    polled = MeasuredFleet(polled_shapes, STEP_S)
    sent = MeasuredFleet({**polled_shapes, ("sw-2", "humidity", ""): temperature}, STEP_S)
    worker = Worker(sent)
    worker.live(polled, 0, LEARNT)
    history = list(sent.minutes(LEARNT - 12 * DAY, LEARNT - 2 * DAY))
    live = list(polled.minutes(LEARNT, LEARNT + 5 * HOUR))
    for number, minute in enumerate(live):
        size = len(history) // len(live)
        worker.take(minute, *history[number * size : (number + 1) * size])
    assert set(worker.last_times()[1:5]) == {MONDAY + LEARNT + 5 * HOUR - STEP_S}
    jump = LEARNT + 10 * HOUR
    worker.live(polled, LEARNT + 5 * HOUR, jump)
    assert not worker.begun
    polled.fault("sw-1", "load", (jump, jump + DAY), lambda *_: 40.0)
    worker.live(polled, jump, jump + 3 * STEP_S)
    assert [each.value for each in worker.begun] == [40.0]


def test_a_jump_after_a_gap_is_reported_beside_the_gap() -> None:
    """Values that come again end the missing anomaly, so that a jump is reported by itself."""
    fleet = MeasuredFleet(
        {("sw-1", "temperature", ""): temperature, ("sw-2", "load", ""): temperature}, STEP_S
    )
    fleet.fault("sw-1", "temperature", (LEARNT, LEARNT + 6 * HOUR), lambda *_: None)
    fleet.fault("sw-1", "temperature", (LEARNT + 6 * HOUR, LEARNT + DAY), lambda *_: 40.0)
    worker = Worker(fleet)
    worker.live(fleet, 0, LEARNT + 6 * HOUR)
    assert [each.channel for each in worker.begun] == ["missing"]
    worker.live(fleet, LEARNT + 6 * HOUR, LEARNT + 6 * HOUR + 8 * STEP_S)
    assert [each.value for each in worker.begun[1:]] == [40.0]
