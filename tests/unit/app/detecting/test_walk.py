"""An operator's view: a small fleet with four faults, each one explained alert; feedback silences it."""

from collections.abc import Sequence

import pytest

from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from opsconductor.model.measured.anomaly import Anomaly, AnomalyNews
from tests.support.series.measured_fleet import DAY, HOUR, MONDAY, MeasuredFleet, Shape, temperature, traffic

WEEK = 7 * DAY
FAULTS = 4 * WEEK
"""Begin of the week of faults."""
UPS = [f"ups-{number}" for number in range(4)]
SWITCHES = [f"sw-{number}" for number in range(3)]


def creeping(at: float, noise: object) -> float:
    """A battery that gets warmer by two degrees a day."""
    return temperature(at, noise) + (at - MONDAY - FAULTS) / DAY * 2  # type: ignore[arg-type]


def warmer(at: float, noise: object) -> float:
    """A fleet with six degrees more."""
    return temperature(at, noise) + 6  # type: ignore[arg-type]


def run_until(watch: MeasurementWatch, fleet: MeasuredFleet, first: float, last: float) -> AnomalyNews:
    """Pass all points of a time to a watch; return everything that it reported."""
    news = AnomalyNews()
    for step in fleet.minutes(first, last):
        news = news.and_then(watch.take(step.sequence, step.series, step.times, step.values))
    return news


def alerts_of(news: AnomalyNews) -> list[Anomaly]:
    """Return the anomalies that became an alert of their own, at their begin or later."""
    later = {change.id for change in news.changed if change.is_admitted}
    return [each for each in news.begun if (each.is_admitted or each.id in later) and each.group_id is None]


@pytest.fixture(scope="module")
def week() -> tuple[MeasurementWatch, MeasuredFleet, AnomalyNews, AnomalyNews]:
    """Run four ordinary weeks, and one with four faults."""
    shapes: dict[tuple[str, str, str], Shape] = {
        **{(name, "battery_temperature", ""): temperature for name in UPS},
        **{(name, "if_in_traffic", "ifIndex=7"): traffic for name in SWITCHES},
    }
    fleet = MeasuredFleet(shapes, step_s=900.0)
    fleet.fault("ups-0", "battery_temperature", (FAULTS, FAULTS + 3 * DAY), creeping)  # type: ignore[arg-type]
    fleet.fault("sw-1", "if_in_traffic", (FAULTS + DAY + 9 * HOUR, FAULTS + DAY + 13 * HOUR), lambda *_: 0.0)
    fleet.fault("ups-1", "battery_temperature", (FAULTS + 2 * DAY, FAULTS + 4 * DAY), lambda *_: 25.1)
    for name in UPS:
        span = (FAULTS + 5.5 * DAY, FAULTS + 5.75 * DAY)
        fleet.fault(name, "battery_temperature", span, warmer)  # type: ignore[arg-type]
    watch = MeasurementWatch(fleet.known.get, DetectionSettings(), DetectorConfig())
    before = run_until(watch, fleet, 0, FAULTS)
    return watch, fleet, before, run_until(watch, fleet, FAULTS, FAULTS + WEEK)


def titles(found: Sequence[Anomaly], device: str) -> list[str]:
    """Return the titles of the alerts of a device."""
    return [str(each.explanation["title"]) for each in found if each.place.device_name == device]


def test_ordinary_weeks_raise_no_alert(week: tuple[object, object, AnomalyNews, AnomalyNews]) -> None:
    """The first weekend is in the digest: it is not yet known as a weekend."""
    before = week[2]
    assert alerts_of(before) == []
    assert {each.admission for each in before.begun} <= {
        "held back: the series is not known for long enough",
        "held back: not rare enough",
        "held back: the budget goes to rarer ones",
    }


def test_each_fault_is_one_explained_alert(week: tuple[object, object, AnomalyNews, AnomalyNews]) -> None:
    """Creeping, stopped, stuck and common to the fleet: one alert each, which says what and how rare."""
    found = alerts_of(week[3])
    assert len(titles(found, "ups-0")) >= 1
    assert titles(found, "sw-1") == ["Interface in traffic has shifted down"]
    assert titles(found, "ups-1")[0] == "Battery temperature does not change"
    fleet = [each for each in found if "devices" in str(each.explanation["title"])]
    assert len(fleet) == 1
    assert len(found) <= 5, [each.explanation["title"] for each in found]
    (stopped,) = (each for each in found if each.place.device_name == "sw-1")
    sentences = " ".join(map(str, stopped.explanation["sentences"]))  # type: ignore[call-overload]
    assert "The value is 0;" in sentences
    assert "once in" in sentences
    assert stopped.place.resource == "ifIndex=7"
    assert stopped.anomaly_type == "network_if_in_traffic_anomaly"


def test_a_false_positive_stays_quiet_next_week(
    week: tuple[MeasurementWatch, MeasuredFleet, AnomalyNews, AnomalyNews],
) -> None:
    """The same stop at the same hour a week later raises no alert, after a restart; another switch's does."""
    watch, fleet, _, news = week
    (stopped,) = (each for each in alerts_of(news) if each.place.device_name == "sw-1")
    assert stopped.place.series_id is not None
    watch.judge(stopped.place.series_id, dict(stopped.features), is_true=False)
    again = MeasurementWatch(fleet.known.get, DetectionSettings(), DetectorConfig())
    assert again.restore(watch.sequence, watch.save()) == []
    for name in ("sw-1", "sw-2"):
        begin = FAULTS + WEEK + DAY + 9 * HOUR
        fleet.fault(name, "if_in_traffic", (begin, begin + 4 * HOUR), lambda *_: 0.0)
    found = alerts_of(run_until(again, fleet, FAULTS + WEEK, FAULTS + WEEK + 2 * DAY))
    assert [each.place.device_name for each in found] == ["sw-2"]


def test_a_log_that_is_read_again_reports_the_same(
    week: tuple[MeasurementWatch, MeasuredFleet, AnomalyNews, AnomalyNews],
) -> None:
    """After a crash the daemon goes on from an older checkpoint: every anomaly has the same id and begin."""
    watch, fleet, _, _ = week
    saved, at = watch.save(), watch.sequence
    begin = FAULTS + 2 * WEEK
    fleet.fault("sw-0", "if_in_traffic", (begin + 9 * HOUR, begin + 12 * HOUR), lambda *_: 0.0)
    steps = list(fleet.minutes(begin, begin + DAY))
    reported = []
    for _ in range(2):
        again = MeasurementWatch(fleet.known.get, DetectionSettings(), DetectorConfig())
        again.restore(at, saved)
        news = AnomalyNews()
        for step in steps:
            news = news.and_then(again.take(step.sequence, step.series, step.times, step.values))
        reported.append([(each.id, each.detected_at, each.explanation) for each in news.begun])
    assert reported[0]
    assert reported[0] == reported[1]
