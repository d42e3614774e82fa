"""Series of one device that no longer correlate: one explained anomaly, the same after a crash."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from opsconductor.app.detecting.episode import restored
from opsconductor.app.detecting.measurement_watch import MeasurementWatch
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.detect.config import DetectorConfig
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.measured.anomaly import Anomaly, AnomalyNews, drawn_series
from tests.support.series.measured_fleet import DAY, HOUR, MeasuredFleet, Shape

METRICS = ("if_in_traffic", "cpu_load", "temperature", "sessions")
LEARNT, END = 20 * DAY, 22 * DAY
Learnt = tuple[MeasuredFleet, dict[str, bytes]]


def shared(device: str, *, sign: int = 1) -> Shape:
    """Return a signal that all metrics of a device share, with a little noise of their own."""

    def value(at: float, noise: random.Random) -> float:
        common = random.Random(f"{device} {at}").gauss(0, 1)
        return 50 + sign * 3 * common + noise.gauss(0, 0.3)

    return value


def fleet() -> MeasuredFleet:
    """Return two switches; from day 20 on the temperature of the first falls when its load rises."""
    shapes = {(name, metric, ""): shared(name) for name in ("sw-1", "sw-2") for metric in METRICS}
    made = MeasuredFleet(shapes, step_s=HOUR)
    made.fault("sw-1", "temperature", (LEARNT, END), shared("sw-1", sign=-1))
    return made


def watch_of(made: MeasuredFleet) -> MeasurementWatch:
    """Return a watch of the fleet."""
    watch = MeasurementWatch(made.known.get, DetectionSettings(), DetectorConfig())
    watch.configure((), INVENTORY)
    return watch


INVENTORY = InventorySnapshot()


def took(watch: MeasurementWatch, made: MeasuredFleet, first: float, last: float) -> AnomalyNews:
    """Pass the points of a time to a watch; return its findings."""
    news = AnomalyNews()
    for step in made.minutes(first, last):
        news = news.and_then(watch.take(step.sequence, step.series, step.times, step.values))
    return news


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    """Learn twenty days; return the fleet and the state of the watch."""
    made = fleet()
    watch = watch_of(made)
    took(watch, made, 0, LEARNT)
    return made, watch.save()


def of_device(news: AnomalyNews) -> list[Anomaly]:
    """Return the anomalies of whole devices."""
    return [each for each in news.begun if each.algorithm == "device_test"]


def test_a_metric_that_leaves_the_others_is_one_explained_alert(
    learnt: Learnt,
) -> None:
    """The alert says which metrics disagree, and how rare that is; each value is usual by itself."""
    made, saved = learnt
    watch = watch_of(made)
    assert watch.restore(1, saved) == []
    news = took(watch, made, LEARNT, END)
    (found,) = of_device(news)
    assert (found.place.device_key, found.place.series_id, found.subject) == ("sw-1", None, "device:sw-1")
    assert found.channel in ("spe", "t2")
    assert found.anomaly_type.endswith("_device_anomaly")
    final = [found.explanation, *(each.explanation for each in news.changed if each.id == found.id)][-1]
    assert final is not None
    metrics = final["metrics"]
    assert isinstance(metrics, list)
    assert metrics[0]["metric"] == "temperature"
    assert drawn_series(None, final) == metrics[0]["series"]
    sentences = " ".join(map(str, final["sentences"]))  # type: ignore[call-overload]
    assert "The 4 series of the device" in sentences
    assert "times its usual distance" in sentences
    assert "That is usual for this device" in sentences
    assert str(final["title"]).startswith("Metrics ")
    assert "CPU load" in str(final["title"])
    assert found.is_admitted or any(each.is_admitted for each in news.changed if each.id == found.id)


def test_after_a_crash_the_same_is_reported(learnt: Learnt) -> None:
    """From the checkpoint in the middle of a fault on, ids, numbers and words are equal to the last bit."""
    made, saved = learnt
    steps = list(made.minutes(LEARNT, END + 12 * HOUR))
    found, states = [], []
    for is_killed in (False, True):
        watch = watch_of(made)
        watch.restore(1, saved)
        news = AnomalyNews()
        for number, step in enumerate(steps):
            if is_killed and number in (7, 21, 50):
                stored = watch.save()
                watch = watch_of(made)
                assert watch.restore(step.sequence - 1, stored) == []
            news = news.and_then(watch.take(step.sequence, step.series, step.times, step.values))
        found.append(news)
        states.append({name: part for name, part in watch.save().items() if name != "device_keys"})
    assert of_device(found[0])
    assert found[0] == found[1]
    assert states[0] == states[1]


def test_feedback_of_a_false_alarm_is_obeyed(learnt: Learnt) -> None:
    """Feedback on a device raises the threshold of its tests at once; its series are judged as before."""
    made, saved = learnt
    watch = watch_of(made)
    watch.restore(1, saved)
    first = took(watch, made, LEARNT, LEARNT + DAY)
    (found,) = of_device(first)
    features = [found.features, *(each.features for each in first.changed if each.id == found.id)][-1]
    watch.judge(0, dict(features or {}), is_true=False)
    again = watch_of(made)
    assert again.restore(1, watch.save()) == []
    took(again, made, END + 6 * HOUR, END + 3 * DAY)
    begin = END + 3 * DAY
    made.fault("sw-1", "temperature", (begin, begin + DAY), shared("sw-1", sign=-1))
    news = took(again, made, begin, begin + DAY)
    repeated = of_device(news)
    assert not [each for each in repeated if each.is_admitted]
    assert not [each for each in news.changed if each.is_admitted and each.id in {one.id for one in repeated}]


def test_tests_of_another_release_begin_anew_and_open_anomalies_end(
    learnt: Learnt,
) -> None:
    """The damaged part is reported; the series go on, and no anomaly of a device stays open for ever."""
    made, saved = learnt
    watch = watch_of(made)
    watch.restore(1, saved)
    (found,) = of_device(took(watch, made, LEARNT, LEARNT + DAY))
    parts = watch.save()
    again = watch_of(made)
    (problem,) = again.restore(1, {**parts, "devices": b"OCDEVICE" + parts["devices"][8:40]})
    assert problem.startswith("tests of devices: ")
    assert again.known == 8
    news = took(again, made, LEARNT + DAY, LEARNT + DAY + 2 * HOUR)
    assert [each.id for each in news.ended] == [found.id]
    older = {name: part for name, part in parts.items() if not name.startswith("device")}
    assert watch_of(made).restore(1, older) == []


def test_a_damaged_block_is_reported_and_nothing_of_it_stays_open(learnt: Learnt) -> None:
    """Its series begin anew and close their open anomalies, which would otherwise never end."""
    made, saved = learnt
    watch = watch_of(made)
    watch.restore(1, saved)
    made.fault("sw-2", "sessions", (LEARNT, LEARNT + 6 * HOUR), lambda _at, _noise: 500.0)
    took(watch, made, LEARNT, LEARNT + 6 * HOUR)
    parts = watch.save()
    series = {each for each in watch.open_ids() if each not in device_ids(parts)}
    assert series
    again = watch_of(made)
    problem = again.restore(1, {**parts, "detector": parts["detector"][:-1] + b"x"})
    assert problem == ["series 0 to 8: their block is damaged"]
    assert not again.open_ids() & series


def device_ids(parts: Mapping[str, bytes]) -> set[UUID]:
    """Return the ids of the open anomalies of whole devices."""
    return {each.id for row in json.loads(parts["episodes"])["open"] if (each := restored(row)).is_device}


def test_other_hyperparameters_keep_what_was_learnt(learnt: Learnt) -> None:
    """Only blocks of another length restart the detector; its open anomalies are closed then."""
    made, saved = learnt
    watch = watch_of(made)
    watch.restore(1, saved)
    began = took(watch, made, LEARNT, END - DAY).begun
    known = watch.known
    assert watch.adopt(replace(DetectorConfig(), open_days=1e6)).ended == []
    assert watch.known == known
    ended = watch.adopt(replace(DetectorConfig(), block_s=HOUR * 12)).ended
    assert {each.id for each in ended} <= {each.id for each in began}
    assert ended
    assert watch.known == 0
