"""Mass outages: what one step does, and what does not wait for it."""

import random
from collections import Counter
from datetime import timedelta

from opsconductor.model.alert import Alert
from opsconductor.model.enums import Status
from tests.support.engine.pipeline_scene import Scene, needs, report

DOWN = "network_unreachable"
CORE, OTHER = "10.0.0.1", "10.0.0.2"
WIDTH = 10


def edge(number: int) -> str:
    """Return the address of one of many devices."""
    return f"10.1.{number >> 8}.{number & 255}"


def settle(scene: Scene) -> None:
    """Step the engine until nothing is due."""
    while (due := scene.engine.next_due()) is not None and due <= scene.now:
        scene.wait(0)


def _state(alert: Alert) -> tuple[object, ...]:
    return alert.status, alert.correlated_to_id, alert.notify_at


def test_timers_do_not_wait_for_alerts_that_are_still_to_be_looked_at() -> None:
    """A thousand devices behind a failed core: an alert elsewhere expires in the same step."""
    scene = Scene([each for number in range(1_000) for each in needs(edge(number), CORE)])
    scene.problem(OTHER, "network_test", expires_after=timedelta(seconds=2))
    scene.send(*(report(edge(number), DOWN, at=scene.now) for number in range(1_000)))
    scene.wait(1)
    scene.problem(CORE, DOWN)
    assert scene.engine.statuses[Status.ACTIVE] > 2
    scene.wait(1)
    assert scene.alert(OTHER, "network_test").status is Status.EXPIRED
    settle(scene)
    assert scene.engine.statuses == Counter({Status.ACTIVE: 1, Status.SUPPRESSED: 1_000})


def test_numbers_of_consequences_are_right_in_the_end_and_few_are_written_meanwhile() -> None:
    """A tree fails in random order: no step writes many rows of alerts that are otherwise unchanged."""
    devices = list(range(1_200))
    tree = [each for number in devices[1:] for each in needs(edge(number), edge((number - 1) // WIDTH))]
    scene = Scene(tree, high_impact_dependents=2_000, medium_impact_dependents=1_500)
    random.Random(1).shuffle(devices)
    rows = 0
    for start in range(0, len(devices), 200):
        before = {alert.id: alert for alert in scene.engine.open_alerts()}
        part = devices[start : start + 200]
        changes = scene.send(*(report(edge(each), DOWN, at=scene.now) for each in part))
        rows += sum(_state(alert) == _state(before[alert.id]) for alert in changes.updated)
    assert rows < len(devices) / 4
    settle(scene)
    below: Counter[int] = Counter()
    for device in devices:
        while device:
            device = (device - 1) // WIDTH  # noqa: PLW2901 - the way up
            below[device] += 1
    found = {alert.device_ip: alert.impacted for alert in scene.engine.open_alerts()}
    assert found == {edge(number): below[number] for number in devices}


def test_a_failure_that_affects_very_many_is_processed_in_parts() -> None:
    """A core with 3,000 devices behind it fails and recovers: every alert ends in the right state."""
    devices = [edge(number) for number in range(3_000)]
    scene = Scene([each for device in devices for each in needs(device, CORE)])
    scene.send(*(report(each, DOWN, at=scene.now) for each in devices))
    scene.wait(1)
    changed = len(scene.problem(CORE, DOWN).updated)
    assert 0 < changed < 1_000
    late = "10.2.0.1"
    scene.problem(late, DOWN)
    settle(scene)
    assert scene.engine.statuses == Counter({Status.ACTIVE: 2, Status.SUPPRESSED: 3_000})
    scene.wait(1)
    scene.clear(CORE, DOWN)
    settle(scene)
    assert all(alert.notify_at is not None for alert in scene.engine.open_alerts() if alert.device_ip != late)
    scene.wait(600)
    settle(scene)
    assert scene.engine.statuses == Counter({Status.ACTIVE: 3_001})


def test_very_many_closed_alerts_are_forgotten_in_parts() -> None:
    """After the reopen window: a step forgets some of them, and none of them is reopened."""
    scene = Scene()
    devices = [edge(number) for number in range(3_000)]
    for severity in ("major", "clear"):
        scene.send(*(report(each, DOWN, severity, at=scene.now) for each in devices))
    scene.wait(301)
    left = scene.engine.held
    assert 2_000 < left < 3_000
    (last,) = scene.problem(devices[-1], DOWN).created
    while scene.engine.held < left:
        left = scene.engine.held
        scene.wait(0)
    assert scene.engine.known_alerts() == [last]


def test_every_consequence_is_under_its_nearest_cause_in_trees_of_any_shape() -> None:
    """Devices fail and come back in any order, one by one or many at once: no alert is left under another."""
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    above = {number: chance.randrange(max(0, number - 9), number) for number in range(1, 80)}
    scene = Scene([each for number in above for each in needs(edge(number), edge(above[number]))])
    down: set[int] = set()
    for _ in range(60):
        for number in chance.sample(range(80), chance.choice((1, 1, 2, 30))):
            down ^= {number}
            severity = "major" if number in down else "clear"
            scene.send(report(edge(number), DOWN, severity, at=scene.now))
        scene.wait(1)
        settle(scene)
        found = {alert.device_ip: alert for alert in scene.engine.open_alerts()}
        assert found.keys() >= {edge(number) for number in down}, seed  # one that flaps stays open
        for number in range(80):
            alert, cause = found.get(edge(number)), above.get(number)
            if alert is None:
                continue
            while cause is not None and edge(cause) not in found:
                cause = above.get(cause)
            is_consequence = alert.status is Status.SUPPRESSED and alert.notify_at is None
            expected = found[edge(cause)].id if cause is not None else None
            assert (alert.correlated_to_id if is_consequence else None) == expected, seed
