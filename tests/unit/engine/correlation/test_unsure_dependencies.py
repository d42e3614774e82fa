"""Dependencies that are missing from their inventory, or uncertain: alternative paths, never a cause."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.engine.correlation.cuts import severed
from opsconductor.inventory.graph import Path
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import DependencyType, Status
from opsconductor.model.inventory.device import Dependency
from tests.support.engine.pipeline_scene import START, Scene, needs

CORE, OTHER, EDGE, LEAF, UPS = "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.2.1", "10.9.0.1"
DOWN = "network_unreachable"
WARM = "environment_temperature"
Made = Callable[[Iterable[Dependency]], tuple[Dependency, ...]]


def missing(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Remove the dependencies from the inventory."""
    return tuple(replace(each, missing_since=START - timedelta(hours=1)) for each in found)


def unsure(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Add dependencies of low confidence to the inventory."""
    return tuple(replace(each, confidence=0.45) for each in found)


@pytest.mark.parametrize("made", [missing, unsure])
def test_a_device_whose_dependencies_are_all_unsure_is_not_cut(made: Made) -> None:
    """From the first moment on; a device behind it is not cut by it either."""
    scene = Scene((*made(needs(EDGE, CORE)), *needs(LEAF, EDGE)))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, WARM)
    scene.problem(LEAF, WARM)
    assert {scene.alert(each, WARM).status for each in (EDGE, LEAF)} == {Status.ACTIVE}
    assert EDGE not in scene.inventory.graph.needs
    assert scene.inventory.dependents_count(CORE) == 0


@pytest.mark.parametrize("made", [missing, unsure])
def test_an_unsure_dependency_is_a_way_around(made: Made) -> None:
    """As long as it is not cut nothing is suppressed: an unplugged cable does not remove redundancy."""
    scene = Scene((*needs(EDGE, CORE), *made(needs(EDGE, OTHER))))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, WARM)
    assert scene.alert(EDGE, WARM).status is Status.ACTIVE


@pytest.mark.parametrize("made", [missing, unsure])
def test_a_cut_of_an_alternative_path_is_no_cause(made: Made) -> None:
    """With both cut the cause is the one on the sure dependency, though it is younger."""
    scene = Scene((*needs(EDGE, CORE), *made(needs(EDGE, OTHER))))
    scene.problem(OTHER, DOWN)
    scene.wait(10)
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, WARM)
    assert scene.alert(EDGE, WARM).correlated_to_id == scene.alert(CORE, DOWN).id


def test_types_of_dependency_do_not_affect_each_other() -> None:
    """A missing network dependency leaves that on power in force."""
    scene = Scene((*missing(needs(EDGE, CORE)), *needs(EDGE, UPS, kind=DependencyType.POWER)))
    scene.problem(UPS, "power_lost")
    scene.problem(EDGE, WARM)
    assert scene.alert(EDGE, WARM).correlated_to_id == scene.alert(UPS, "power_lost").id


def test_a_missing_dependency_releases_its_consequences() -> None:
    """When the inventory lists it no more, the consequence is sent after the grace time."""
    scene = Scene(needs(EDGE, CORE))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, WARM)
    assert scene.alert(EDGE, WARM).status is Status.SUPPRESSED
    scene.reconfigure(missing(needs(EDGE, CORE)))
    scene.wait(31)
    assert scene.alert(EDGE, WARM).status is Status.ACTIVE
    assert f"problem {EDGE}" in scene.sent()


def test_the_floor_of_confidence_is_configured() -> None:
    """At the floor a dependency counts, below it does not."""
    found = unsure(needs(EDGE, CORE))
    assert EDGE in InventorySnapshot((), found, 0.45).graph.needs
    assert EDGE not in InventorySnapshot((), found, 0.46).graph.needs


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Dependency], set[str]]:
    """Draw dependencies without circles, some of them unsure, and the devices that are cut."""
    found = []
    for number in range(1, draw(st.integers(2, 7))):
        for provider in draw(st.sets(st.integers(0, number - 1), max_size=3)):
            (one,) = needs(f"d{number}", f"d{provider}")
            found.append(missing([one])[0] if draw(st.booleans()) else one)
    return found, draw(st.sets(st.integers(0, 6).map("d{}".format), max_size=4))


@given(networks())
def test_unsure_dependencies_suppress_nothing_by_themselves(
    drawn: tuple[list[Dependency], set[str]],
) -> None:
    """Every device cut off with them is so without them as well, and for the reason of a sure one."""
    found, cut = drawn
    sure = [each for each in found if each.missing_since is None]
    whole, bare = InventorySnapshot((), found).graph, InventorySnapshot((), sure).graph

    def is_cut(path: Path) -> bool:
        return path.provider in cut

    for device in whole.needs:
        because = {path for each in severed(device, whole, is_cut) for path in each.paths}
        alone = {path for each in severed(device, bare, is_cut) for path in each.paths}
        assert because <= alone
