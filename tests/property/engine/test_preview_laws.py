"""The preview of suppression predicts what the engine does when the change is made."""

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.engine.correlation.preview import preview_change, preview_failure
from opsconductor.model.enums import DependencyType, Status
from opsconductor.model.inventory.device import Dependency
from tests.support.engine.pipeline_scene import Scene, seconds

DOWN, HOT = "network_unreachable", "environment_temperature"
DEVICES = [f"10.0.0.{number}" for number in range(1, 7)]

devices = st.sampled_from(DEVICES)
dependencies = st.builds(
    Dependency,
    device_ip=devices,
    depends_on_ip=devices,
    dependency_type=st.sampled_from([DependencyType.NETWORK, DependencyType.POWER]),
    confidence=st.sampled_from([1.0, 0.2]),
)
networks = st.lists(
    dependencies,
    max_size=9,
    unique_by=lambda each: (each.device_ip, each.depends_on_ip, each.dependency_type),
)
alarms = st.lists(st.tuples(devices, st.sampled_from([DOWN, HOT, "power_lost"])), max_size=8, unique=True)


def in_trouble(network: list[Dependency], alarms: list[tuple[str, str]]) -> Scene:
    """Raise alerts in a network, and wait until it is settled."""
    scene = Scene(network)
    for device, alert_type in alarms:
        scene.problem(device, alert_type)
    scene.wait(1000)
    return scene


def suppressed(scene: Scene) -> set[object]:
    """Find the ids of the alerts that are suppressed."""
    return {alert.id for alert in scene.engine.open_alerts() if alert.status is Status.SUPPRESSED}


@settings(max_examples=150, deadline=None)
@given(networks, alarms, dependencies)
def test_a_dependency_suppresses_and_releases_what_its_preview_says(
    network: list[Dependency], alarms: list[tuple[str, str]], new: Dependency
) -> None:
    """Added, changed or removed: the engine then suppresses exactly what the preview named.

    Devices on circles are left out: which of two alerts there is the cause depends on their history.
    """
    scene = in_trouble(network, alarms)
    key = (new.device_ip, new.depends_on_ip, new.dependency_type)
    others = [each for each in network if (each.device_ip, each.depends_on_ip, each.dependency_type) != key]
    is_removed = len(others) < len(network)
    changed = others if is_removed else [*others, new]
    before, state = suppressed(scene), scene.engine.network_state()
    found = preview_change(state, key, None if is_removed else new)
    circular = state.inventory.graph.circular
    scene.reconfigure(changed)
    scene.wait(1000)
    if circular or scene.inventory.graph.circular:
        return
    after = suppressed(scene)
    assert {alert.id for alert in found.suppressed} == after - before
    assert {alert.id for alert in found.released} == before - after


@settings(max_examples=150, deadline=None)
@given(networks, alarms, devices)
def test_a_failure_suppresses_what_its_preview_says(
    network: list[Dependency], alarms: list[tuple[str, str]], failing: str
) -> None:
    """The device fails entirely: the engine then suppresses exactly what the preview named."""
    scene = in_trouble(network, alarms)
    before, state = suppressed(scene), scene.engine.network_state()
    if state.inventory.graph.circular:
        return
    found = preview_failure(state, failing)
    for alert_type in (DOWN, "power_lost"):
        scene.problem(failing, alert_type, resource="everything")
        scene.now += seconds(1)
    scene.wait(1000)
    assert {alert.id for alert in found.suppressed if alert.device_ip != failing} == {
        alert.id
        for alert in scene.engine.open_alerts()
        if alert.status is Status.SUPPRESSED and alert.id not in before and alert.resource != "everything"
    }
