"""Correlation: which alert is only a consequence, and what follows from that."""

import pytest

from opsconductor.model.command import Acknowledge, Resolve, Unacknowledge
from opsconductor.model.enums import DependencyType, Status
from tests.support.engine.pipeline_scene import ANNA, Scene, needs, report, seconds

CORE, OTHER, EDGE, LEAF, UPS = "10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.2.1", "10.9.0.1"
THIRD = "10.0.0.3"
CHAIN = (*needs(EDGE, CORE), *needs(LEAF, EDGE))
DOWN = "network_unreachable"
HIGH_TEMPERATURE = "environment_temperature"


@pytest.fixture
def chain() -> Scene:
    """A leaf behind an edge behind a core."""
    return Scene(CHAIN)


def test_an_alert_behind_a_cut_is_suppressed_under_its_cause(chain: Scene) -> None:
    """Only the cause is sent; the consequence names it, and one row of history has both."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    edge, core = chain.alert(EDGE, DOWN), chain.alert(CORE, DOWN)
    assert (edge.status, edge.correlated_to_id) == (Status.SUPPRESSED, core.id)
    assert edge.correlation_rule == f"every network path is cut by {DOWN} on {CORE}"
    assert [(row.action, row.new_status) for row in chain.history(edge)] == [("created", "suppressed")]
    chain.wait(1000)
    assert chain.sent() == [f"problem {CORE}"]


def test_paths_are_followed_to_any_depth(chain: Scene) -> None:
    """The leaf's own uplink has no alert, the core two steps up has one."""
    chain.problem(CORE, DOWN)
    chain.problem(LEAF, HIGH_TEMPERATURE)
    assert chain.alert(LEAF, HIGH_TEMPERATURE).correlated_to_id == chain.alert(CORE, DOWN).id


@pytest.mark.parametrize("order", [(CORE, EDGE, LEAF), (LEAF, EDGE, CORE), (CORE, LEAF, EDGE)])
def test_a_suppressed_alert_points_at_its_nearest_cause(chain: Scene, order: tuple[str, ...]) -> None:
    """The leaf under the edge, the edge under the core, in whichever order they fail; the counts add up."""
    for address in order:
        chain.problem(address, DOWN)
    core, edge, leaf = (chain.alert(address, DOWN) for address in (CORE, EDGE, LEAF))
    assert (leaf.correlated_to_id, edge.correlated_to_id) == (edge.id, core.id)
    assert (core.impacted, edge.impacted, leaf.impacted) == (2, 1, 0)


def test_a_root_that_comes_and_goes_leaves_the_rows_below_its_own_consequences_alone(chain: Scene) -> None:
    """The leaf stays under the edge; only core and edge are written."""
    for address in (CORE, EDGE, LEAF):
        chain.problem(address, DOWN)
    for changes in (chain.clear(CORE, DOWN), chain.problem(CORE, DOWN)):
        assert {row.device_ip for row in changes.updated} == {CORE, EDGE}
    assert (chain.alert(CORE, DOWN).impacted, chain.alert(EDGE, DOWN).impacted) == (2, 1)


@pytest.mark.parametrize(
    ("alert_type", "severity"), [(DOWN, "minor"), (HIGH_TEMPERATURE, "critical"), (DOWN, "warning")]
)
def test_only_cutting_alerts_of_severity_major_or_worse_are_causes(alert_type: str, severity: str) -> None:
    """A core that is warm or slightly faulty cuts nothing off."""
    chain = Scene(CHAIN)
    chain.problem(CORE, alert_type, severity)
    chain.problem(EDGE, DOWN)
    assert chain.alert(EDGE, DOWN).status is Status.ACTIVE


def test_a_cause_that_gets_worse_begins_to_cut(chain: Scene) -> None:
    """From minor to major: the devices behind it become its consequences."""
    chain.problem(CORE, DOWN, "minor")
    chain.problem(EDGE, DOWN)
    chain.problem(CORE, DOWN, "major")
    assert chain.alert(EDGE, DOWN).status is Status.SUPPRESSED


def test_a_cause_that_becomes_harmless_releases_its_consequences(chain: Scene) -> None:
    """From major to minor: after the grace time they are alerts by themselves."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.problem(CORE, DOWN, "minor")
    chain.wait(31)
    assert chain.alert(EDGE, DOWN).status is Status.ACTIVE


def test_of_two_uplinks_one_down_suppresses_nothing() -> None:
    """They are a redundancy group: the edge is a problem by itself."""
    scene = Scene(needs(EDGE, CORE, OTHER))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, HIGH_TEMPERATURE)
    scene.wait(6)
    assert scene.alert(EDGE, HIGH_TEMPERATURE).status is Status.ACTIVE
    assert scene.sent() == [f"problem {CORE}", f"problem {EDGE}"]


def test_of_two_uplinks_both_down_suppress() -> None:
    """Every path is cut; the older of the two is named."""
    scene = Scene(needs(EDGE, CORE, OTHER))
    scene.problem(CORE, DOWN)
    scene.now += seconds(1)
    scene.problem(OTHER, DOWN)
    scene.problem(EDGE, HIGH_TEMPERATURE)
    edge = scene.alert(EDGE, HIGH_TEMPERATURE)
    assert (edge.status, edge.correlated_to_id) == (Status.SUPPRESSED, scene.alert(CORE, DOWN).id)


def test_when_one_of_two_uplinks_is_back_the_consequence_is_reevaluated() -> None:
    """It has a path again: its own problem is real."""
    scene = Scene(needs(EDGE, CORE, OTHER))
    scene.problem(CORE, DOWN)
    scene.problem(OTHER, DOWN)
    scene.problem(EDGE, HIGH_TEMPERATURE)
    scene.clear(OTHER, DOWN)
    assert scene.alert(EDGE, HIGH_TEMPERATURE).status is Status.SUPPRESSED
    scene.wait(31)
    assert scene.alert(EDGE, HIGH_TEMPERATURE).status is Status.ACTIVE


def test_types_of_dependency_are_independent() -> None:
    """Without power the network paths do not help."""
    scene = Scene([*needs(EDGE, CORE), *needs(EDGE, UPS, kind=DependencyType.POWER)])
    scene.problem(UPS, "power_lost", "critical")
    scene.problem(EDGE, DOWN)
    edge = scene.alert(EDGE, DOWN)
    assert edge.correlation_rule == f"every power path is cut by power_lost on {UPS}"


def test_power_is_cut_by_faults_of_the_power_alone() -> None:
    """A UPS whose network card is silent, or has lost its link, still feeds its dependents."""
    scene = Scene([*needs(EDGE, UPS, kind=DependencyType.POWER), *needs(LEAF, UPS)])
    scene.problem(UPS, DOWN, "critical")
    scene.problem(EDGE, DOWN)
    scene.problem(LEAF, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE
    assert scene.alert(LEAF, DOWN).status is Status.SUPPRESSED
    scene.problem(UPS, "power_lost", "critical")
    assert scene.alert(EDGE, DOWN).correlated_to_id == scene.alert(UPS, "power_lost").id


def test_a_provider_without_power_is_a_cut_path() -> None:
    """The leaf hangs on an edge without power, though the edge itself has no alert."""
    scene = Scene([*CHAIN, *needs(EDGE, UPS, kind=DependencyType.POWER)])
    scene.problem(UPS, "power_lost", "critical")
    scene.problem(LEAF, DOWN)
    assert scene.alert(LEAF, DOWN).correlated_to_id == scene.alert(UPS, "power_lost").id


def test_a_path_through_named_ports_is_cut_by_these_ports_only() -> None:
    """The edge hangs on port 7; port 8 leads elsewhere."""
    scene = Scene(needs(EDGE, CORE, via=["ifIndex=7"]))
    scene.problem(CORE, resource="ifIndex=8")
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE
    scene.problem(CORE, resource="ifIndex=7")
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED


def test_a_path_through_several_ports_is_cut_when_all_are() -> None:
    """A bundle of two ports carries on one."""
    scene = Scene(needs(EDGE, CORE, via=["ifIndex=7", "ifIndex=8"]))
    scene.problem(CORE, resource="ifIndex=7")
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE
    scene.problem(CORE, resource="ifIndex=8")
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED
    scene.clear(CORE, resource="ifIndex=7")
    scene.wait(31)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE


def test_a_device_that_is_down_as_a_whole_cuts_named_ports_too() -> None:
    """An alert without resource is about the device itself."""
    scene = Scene(needs(EDGE, CORE, via=["ifIndex=7"]))
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED


def test_circles_in_the_graph_are_harmless() -> None:
    """Two devices that need each other: the first stays the cause and is sent."""
    scene = Scene([*needs(CORE, EDGE), *needs(EDGE, CORE)])
    scene.problem(CORE, DOWN)
    scene.problem(EDGE, DOWN)
    assert scene.alert(CORE, DOWN).status is Status.ACTIVE
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED
    scene.wait(6)
    assert scene.sent() == [f"problem {CORE}"]


def test_a_ring_is_cut_at_its_only_entry() -> None:
    """Edge and leaf feed each other, but without the core both are unreachable."""
    scene = Scene([*needs(EDGE, CORE, LEAF), *needs(LEAF, CORE, EDGE)])
    scene.problem(CORE, DOWN)
    scene.problem(LEAF, DOWN)
    assert scene.alert(LEAF, DOWN).correlated_to_id == scene.alert(CORE, DOWN).id


def test_a_ring_without_entry_is_not_cut() -> None:
    """Three devices that need each other, declared by neighbourhood: one down does not cut the others."""
    scene = Scene([*needs(CORE, EDGE, LEAF), *needs(EDGE, CORE, LEAF), *needs(LEAF, CORE, EDGE)])
    scene.problem(CORE, DOWN)
    scene.problem(LEAF, HIGH_TEMPERATURE)
    scene.wait(6)
    assert scene.sent() == [f"problem {CORE}", f"problem {LEAF}"]


def test_devices_behind_a_ring_are_cut_when_every_way_in_is_cut() -> None:
    """With one core down the ring is reachable; with both that the edge hangs on, everything below is cut."""
    ring = [*needs(CORE, OTHER, THIRD), *needs(OTHER, CORE, THIRD), *needs(THIRD, CORE, OTHER)]
    scene = Scene([*ring, *needs(EDGE, CORE, OTHER), *needs(LEAF, EDGE)])
    scene.problem(CORE, DOWN)
    scene.problem(LEAF, HIGH_TEMPERATURE)
    assert scene.alert(LEAF, HIGH_TEMPERATURE).status is Status.ACTIVE
    scene.problem(OTHER, DOWN)
    assert scene.alert(LEAF, HIGH_TEMPERATURE).correlated_to_id == scene.alert(CORE, DOWN).id


def test_a_circle_without_any_alert_cuts_nothing() -> None:
    """A path that only leads back to itself is ignored."""
    scene = Scene([*needs(EDGE, LEAF), *needs(LEAF, EDGE)])
    scene.problem(CORE, DOWN)
    scene.problem(LEAF, HIGH_TEMPERATURE)
    assert scene.alert(LEAF, HIGH_TEMPERATURE).status is Status.ACTIVE


def test_other_alerts_of_the_causing_device_are_not_suppressed(chain: Scene) -> None:
    """Only what lies downstream is a consequence."""
    chain.problem(CORE, DOWN)
    chain.problem(CORE, HIGH_TEMPERATURE)
    assert chain.alert(CORE, HIGH_TEMPERATURE).status is Status.ACTIVE


def test_a_child_that_came_first_is_held_for_the_settle_time(chain: Scene) -> None:
    """It is sent only when no cause arrives in the settle time."""
    chain.problem(EDGE, DOWN)
    assert chain.alert(EDGE, DOWN).notify_at == chain.now + seconds(5)
    assert chain.engine.next_due() == chain.now + seconds(5)
    chain.wait(4)
    assert chain.notified() == []
    chain.wait(1)
    assert chain.sent() == [f"problem {EDGE}"]
    assert chain.story(chain.alert(EDGE, DOWN)) == ["created", "notified"]


def test_a_held_child_is_folded_under_a_cause_that_arrives_in_time(chain: Scene) -> None:
    """Only the cause is sent."""
    chain.problem(EDGE, DOWN)
    chain.wait(3)
    chain.problem(CORE, DOWN)
    chain.wait(100)
    assert chain.sent() == [f"problem {CORE}"]


def test_a_held_child_that_clears_in_time_is_not_sent(chain: Scene) -> None:
    """Neither problem nor recovery is sent."""
    chain.problem(EDGE, DOWN)
    chain.wait(3)
    chain.clear(EDGE, DOWN)
    chain.wait(100)
    assert chain.notified() == []


def test_a_device_without_dependencies_is_notified_at_once(chain: Scene) -> None:
    """It has nothing to wait for, and neither has a device that cuts nothing off."""
    chain.problem(OTHER, DOWN)
    chain.problem(CORE, HIGH_TEMPERATURE)
    assert chain.sent() == [f"problem {OTHER}", f"problem {CORE}"]


def test_a_cause_is_held_until_its_consequences_are_known(chain: Scene) -> None:
    """One message has their number; a cause that clears in time is not sent."""
    chain.problem(CORE, DOWN)
    chain.wait(3)
    chain.problem(EDGE, DOWN)
    chain.wait(2)
    assert chain.sent() == [f"problem {CORE}"]
    assert chain.messages()[0].facts["impacted"] == 1
    chain.wait(1_000)
    chain.clear(CORE, DOWN)
    chain.clear(EDGE, DOWN)
    chain.wait(1_000)
    chain.problem(CORE, DOWN)
    chain.clear(CORE, DOWN)
    assert chain.sent() == [f"problem {CORE}", f"recovery {CORE}"]


def test_a_late_cause_suppresses_a_child_that_was_sent(chain: Scene) -> None:
    """Recipients of the child get its recovery."""
    chain.problem(EDGE, DOWN)
    chain.wait(60)
    chain.problem(CORE, DOWN)
    chain.wait(5)
    assert chain.alert(EDGE, DOWN).status is Status.SUPPRESSED
    chain.clear(EDGE, DOWN)
    assert chain.sent() == [f"problem {EDGE}", f"problem {CORE}", f"recovery {EDGE}"]


def test_cause_and_consequence_in_one_batch_are_distinguished_in_any_order(chain: Scene) -> None:
    """The boundaries of batches do not matter."""
    chain.send(
        report(LEAF, DOWN, at=chain.now), report(EDGE, DOWN, at=chain.now), report(CORE, DOWN, at=chain.now)
    )
    chain.wait(100)
    assert chain.sent() == [f"problem {CORE}"]


def test_the_root_shows_its_impact(chain: Scene) -> None:
    """The number falls as the consequences clear, and stays when the cause is over."""
    chain.problem(CORE, DOWN)
    for resource in ("a", "b", "c"):
        chain.problem(EDGE, HIGH_TEMPERATURE, resource=resource)
    chain.wait(5)
    assert chain.alert(CORE, DOWN).impacted == 3
    chain.clear(EDGE, HIGH_TEMPERATURE, "a")
    assert chain.alert(CORE, DOWN).impacted == 2
    changes = chain.clear(CORE, DOWN)
    assert changes.notifications[0].facts["impacted"] == 2
    assert chain.alert(CORE, DOWN).impacted == 2


def test_after_the_cause_is_resolved_what_is_still_open_is_notified_after_grace(chain: Scene) -> None:
    """Suppressed during the grace time, then active."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.wait(5)
    chain.clear(CORE, DOWN)
    chain.wait(29)
    assert chain.alert(EDGE, DOWN).status is Status.SUPPRESSED
    chain.wait(1)
    edge = chain.alert(EDGE, DOWN)
    assert (edge.status, edge.correlated_to_id, edge.notify_at) == (Status.ACTIVE, None, None)
    assert chain.story(edge) == ["created", "unsuppressed"]
    assert chain.sent() == [f"problem {CORE}", f"recovery {CORE}", f"problem {EDGE}"]


def test_an_alert_that_clears_within_the_grace_time_is_not_sent(chain: Scene) -> None:
    """Routing takes a moment to recover."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.wait(5)
    chain.clear(CORE, DOWN)
    chain.wait(10)
    chain.clear(EDGE, DOWN)
    chain.wait(100)
    assert chain.sent() == [f"problem {CORE}", f"recovery {CORE}"]


def test_a_cause_that_comes_back_within_the_grace_time_keeps_its_consequences(chain: Scene) -> None:
    """No row of history and no message: nothing has changed."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.clear(CORE, DOWN)
    chain.wait(10)
    chain.problem(CORE, DOWN)
    chain.wait(100)
    edge = chain.alert(EDGE, DOWN)
    assert (edge.status, edge.notify_at) == (Status.SUPPRESSED, None)
    assert chain.story(edge) == ["created"]
    assert chain.alert(CORE, DOWN).impacted == 1


def test_a_consequence_whose_cause_is_resolved_by_an_operator_gets_grace_too(chain: Scene) -> None:
    """However the cause ends."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.order(Resolve(alert_id=chain.alert(CORE, DOWN).id, operator=ANNA))
    chain.wait(31)
    assert chain.alert(EDGE, DOWN).status is Status.ACTIVE


def test_when_the_root_is_acknowledged_its_consequences_stay_suppressed(chain: Scene) -> None:
    """The cause is taken care of, and the consequences need no attention."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.order(Acknowledge(alert_id=chain.alert(CORE, DOWN).id, operator=ANNA))
    chain.problem(LEAF, DOWN)
    chain.wait(100)
    assert chain.alert(EDGE, DOWN).status is chain.alert(LEAF, DOWN).status is Status.SUPPRESSED


def test_a_device_in_the_middle_that_fails_by_itself_becomes_the_cause(chain: Scene) -> None:
    """The core is back, the edge is not: the leaf's cause is now the edge."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.problem(LEAF, DOWN)
    chain.wait(5)
    chain.clear(CORE, DOWN)
    assert chain.alert(LEAF, DOWN).correlated_to_id == chain.alert(EDGE, DOWN).id
    chain.wait(31)
    assert chain.alert(EDGE, DOWN).status is Status.ACTIVE
    assert chain.alert(EDGE, DOWN).impacted == 1
    assert chain.sent() == [f"problem {CORE}", f"recovery {CORE}", f"problem {EDGE}"]


def test_an_acknowledged_consequence_stays_acknowledged(chain: Scene) -> None:
    """It is not suppressed; when the acknowledgement is withdrawn, it is."""
    chain.problem(EDGE, DOWN)
    edge = chain.alert(EDGE, DOWN)
    chain.order(Acknowledge(alert_id=edge.id, operator=ANNA))
    chain.problem(CORE, DOWN)
    assert chain.alert(EDGE, DOWN).status is Status.ACKNOWLEDGED
    chain.order(Unacknowledge(alert_id=edge.id, operator=ANNA))
    assert chain.alert(EDGE, DOWN).status is Status.SUPPRESSED
    chain.wait(5)
    assert chain.sent() == [f"problem {CORE}"]


def test_an_acknowledged_consequence_that_gets_worse_is_suppressed(chain: Scene) -> None:
    """It is worse, but it is behind the cut."""
    chain.problem(EDGE, HIGH_TEMPERATURE, "minor")
    chain.order(Acknowledge(alert_id=chain.alert(EDGE, HIGH_TEMPERATURE).id, operator=ANNA))
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, HIGH_TEMPERATURE, "critical")
    edge = chain.alert(EDGE, HIGH_TEMPERATURE)
    assert edge.status is Status.SUPPRESSED
    assert chain.story(edge) == ["created", "acknowledged", "escalated", "suppressed"]
    chain.wait(5)
    assert chain.sent() == [f"problem {CORE}"]


def test_a_suppressed_alert_that_gets_worse_stays_quiet(chain: Scene) -> None:
    """The severity rises, and nothing is sent."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, HIGH_TEMPERATURE, "minor")
    chain.problem(EDGE, HIGH_TEMPERATURE, "critical")
    assert chain.alert(EDGE, HIGH_TEMPERATURE).severity == "critical"
    chain.wait(5)
    assert chain.sent() == [f"problem {CORE}"]


def test_a_second_cut_of_the_same_device_takes_over_when_the_first_ends(chain: Scene) -> None:
    """The path is still cut: no grace, another cause."""
    chain.problem(CORE, DOWN)
    chain.problem(EDGE, DOWN)
    chain.problem(CORE, resource="ifIndex=1")
    chain.clear(CORE, DOWN)
    edge = chain.alert(EDGE, DOWN)
    assert (edge.correlated_to_id, edge.notify_at) == (chain.alert(CORE, resource="ifIndex=1").id, None)
    assert chain.alert(CORE, resource="ifIndex=1").impacted == 1


def test_a_new_dependency_affects_open_alerts() -> None:
    """Configuration may arrive after the alerts."""
    scene = Scene()
    scene.problem(EDGE, DOWN)
    scene.problem(CORE, DOWN)
    scene.reconfigure(CHAIN)
    assert scene.alert(EDGE, DOWN).status is Status.SUPPRESSED
    scene.reconfigure(())
    scene.wait(31)
    assert scene.alert(EDGE, DOWN).status is Status.ACTIVE


def test_priority_follows_from_what_depends_on_the_device(chain: Scene) -> None:
    """Two devices hang on the core: medium impact, high urgency."""
    chain.problem(CORE, DOWN)
    chain.problem(LEAF, HIGH_TEMPERATURE, "info")
    assert (chain.alert(CORE, DOWN).impact, chain.alert(CORE, DOWN).priority) == ("medium", "P2")
    assert chain.alert(LEAF, HIGH_TEMPERATURE).priority == "P5"
