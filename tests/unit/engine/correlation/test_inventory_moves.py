"""Open alerts when the inventory adds, changes or removes their devices."""

import pytest

from opsconductor.errors import AlertConflict
from opsconductor.model.command import Acknowledge, Reopen, Resolve
from opsconductor.model.enums import Level, Status
from opsconductor.model.inventory.device import Device
from opsconductor.model.normalized import DeviceAlias
from tests.support.engine.pipeline_scene import ANNA, Scene, device, needs

SWITCH = device("10.0.0.1", "sw1", addresses=("10.1.0.1",))


def states(scene: Scene) -> dict[str, Status]:
    """Show every alert by device."""
    return {str(row.device_ip or row.device_name): row.status for row in scene.rows()}


def learnt(scene: Scene, *devices: Device) -> None:
    """Make the engine use an inventory."""
    scene.reconfigure(devices=devices)


def test_an_alert_of_a_learnt_address_goes_on_at_the_main_one() -> None:
    """The next report and the clear match it, nothing is sent again, and its history has the reason."""
    scene = Scene()
    scene.problem("10.1.0.1")
    scene.wait(60)
    learnt(scene, SWITCH)
    scene.problem("10.1.0.1")
    alert = scene.alert("10.0.0.1")
    assert (alert.device_name, alert.occurrence_count) == ("sw1", 2)
    assert [row.rule for row in scene.history(alert)][-1] == "inventory.moved"
    scene.clear("10.0.0.1")
    assert states(scene) == {"10.0.0.1": Status.RESOLVED}
    assert scene.sent() == ["problem 10.1.0.1", "recovery 10.0.0.1"]


def test_two_alerts_that_turn_out_to_be_one_fault_become_one() -> None:
    """The one at the main address goes on; the other is closed, and its recipients get a recovery."""
    scene = Scene()
    scene.problem("10.0.0.1")
    scene.problem("10.1.0.1")
    learnt(scene, SWITCH)
    assert states(scene) == {"10.0.0.1": Status.ACTIVE, "10.1.0.1": Status.RESOLVED}
    assert [row.rule for row in scene.history(scene.alert("10.1.0.1"))][-1] == "inventory.same_device"


@pytest.mark.parametrize(
    ("severity", "status"), [("minor", Status.ACKNOWLEDGED), ("critical", Status.ACTIVE)]
)
def test_an_acknowledgement_of_one_covers_both(severity: str, status: Status) -> None:
    """The alert that goes on is acknowledged as the other was, unless it is worse."""
    scene = Scene()
    scene.problem("10.0.0.1", severity=severity)
    scene.problem("10.1.0.1")
    scene.order(Acknowledge(alert_id=scene.alert("10.1.0.1").id, operator=ANNA))
    learnt(scene, SWITCH)
    alert = scene.alert("10.0.0.1")
    assert (alert.status, states(scene)["10.1.0.1"]) == (status, Status.RESOLVED)
    assert alert.acknowledged_by == (ANNA.name if status is Status.ACKNOWLEDGED else None)


def test_an_alert_by_name_gets_the_address_of_its_device() -> None:
    """A source that knows names only (a host of PRTG) goes on with the same alert."""
    scene = Scene()
    scene.problem(None, device_name="sw1")
    learnt(scene, SWITCH)
    scene.problem(None, device_name="SW1")
    assert scene.alert("10.0.0.1").occurrence_count == 2
    assert len(scene.rows()) == 1


def test_a_name_decides_where_the_address_is_unknown() -> None:
    """As for a report: it has an address that no inventory lists, and a known name."""
    scene = Scene()
    scene.problem("10.7.7.7", device_name="sw1")
    learnt(scene, SWITCH)
    scene.problem("10.7.7.7", device_name="sw1")
    assert scene.alert("10.0.0.1").occurrence_count == 2
    assert len(scene.rows()) == 1


def test_a_new_main_address_takes_alerts_along() -> None:
    """The former address stays an alias for a while, so reports from both mean the same alert."""
    scene = Scene(devices=[SWITCH])
    scene.problem("10.0.0.1")
    learnt(scene, device("10.0.0.9", "sw1", addresses=("10.0.0.1", "10.1.0.1")))
    for address in ("10.0.0.1", "10.0.0.9"):
        scene.problem(address)
    assert scene.alert("10.0.0.9").occurrence_count == 3
    assert len(scene.rows()) == 1


def test_a_new_name_is_shown() -> None:
    """The alert is unchanged except for the name."""
    scene = Scene(devices=[SWITCH])
    scene.problem("10.0.0.1")
    learnt(scene, device("10.0.0.1", "core-1"))
    assert scene.alert("10.0.0.1").device_name == "core-1"


def test_a_retired_device_keeps_its_alerts() -> None:
    """They stay open under address and last name; the clear still matches them."""
    scene = Scene(needs("10.0.0.2", "10.0.0.1"), devices=[SWITCH])
    scene.problem("10.0.0.1")
    learnt(scene)
    alert = scene.alert("10.0.0.1")
    assert (alert.status, alert.device_name) == (Status.ACTIVE, "sw1")
    scene.clear("10.0.0.1")
    assert states(scene) == {"10.0.0.1": Status.RESOLVED}


def test_an_alias_that_is_learnt_takes_the_alert_along() -> None:
    """A trap that came through a forwarder belongs to its agent once the agent is known."""
    scene = Scene()
    agent = {"device_aliases": (DeviceAlias(kind="agent_address", value="10.1.0.1"),)}
    scene.problem("10.99.0.1", **agent)
    learnt(scene, device("10.0.0.7", "sw7"))
    learnt(scene, SWITCH)
    scene.problem("10.99.0.1", **agent)
    assert scene.alert("10.0.0.1").occurrence_count == 2
    assert len(scene.rows()) == 1


def test_a_retired_devices_alert_goes_where_its_reports_lead() -> None:
    """It came from a further address that is no longer known; its clear will come from there."""
    scene = Scene(devices=[SWITCH])
    scene.problem("10.1.0.1")
    learnt(scene)
    assert (scene.alert("10.1.0.1").device_name, scene.alert("10.1.0.1").status) == ("sw1", Status.ACTIVE)
    scene.clear("10.1.0.1")
    assert states(scene) == {"10.1.0.1": Status.RESOLVED}


def test_an_alert_that_two_addresses_report_stays_while_one_leads_to_it() -> None:
    """Only when none of its reports leads to the device any more does it move."""
    scene = Scene(devices=[SWITCH])
    scene.problem("10.0.0.1")
    scene.problem("10.1.0.1")
    learnt(scene)
    assert states(scene) == {"10.0.0.1": Status.ACTIVE}


def test_after_a_restart_address_and_name_decide() -> None:
    """Earlier reports are not remembered then; the alert has address and name."""
    scene = Scene()
    scene.problem("10.1.0.1")
    scene.restart()
    learnt(scene, SWITCH)
    assert states(scene) == {"10.0.0.1": Status.ACTIVE}


def closed_at(address: str) -> Scene:
    """Return a scene in which the alert of an address was closed before the inventory listed the address."""
    scene = Scene()
    scene.problem(address)
    scene.order(Resolve(alert_id=scene.alert(address).id, operator=ANNA))
    learnt(scene, SWITCH)
    return scene


def test_an_alert_that_is_reopened_goes_on_at_the_main_address() -> None:
    """The inventory has changed while it was closed; a restart finds nothing left to do."""
    scene = closed_at("10.1.0.1")
    scene.order(Reopen(alert_id=scene.alert("10.1.0.1").id, operator=ANNA))
    alert = scene.alert("10.0.0.1")
    assert (alert.status, alert.device_name) == (Status.ACTIVE, "sw1")
    assert [row.rule for row in scene.history(alert)][-2:] == ["inventory.moved", "operator"]
    scene.restart()
    assert scene.wait(0).is_empty
    scene.clear("10.0.0.1")
    assert states(scene) == {"10.0.0.1": Status.RESOLVED}


def test_an_alert_is_not_reopened_beside_another_of_the_same_device() -> None:
    """The inventory has changed while it was closed, and the same problem is open at the main address."""
    scene = closed_at("10.1.0.1")
    scene.problem("10.0.0.1")
    with pytest.raises(AlertConflict, match="the same problem is open again"):
        scene.order(Reopen(alert_id=scene.alert("10.1.0.1").id, operator=ANNA))
    assert states(scene) == {"10.0.0.1": Status.ACTIVE, "10.1.0.1": Status.RESOLVED}


def test_an_alert_that_is_reopened_has_the_name_and_the_impact_of_now() -> None:
    """Both may have changed while it was closed."""
    scene = closed_at("10.0.0.1")
    scene.order(Reopen(alert_id=scene.alert("10.0.0.1").id, operator=ANNA))
    scene.order(Resolve(alert_id=scene.alert("10.0.0.1").id, operator=ANNA))
    learnt(scene, device("10.0.0.1", "core-1", role="core"))
    scene.order(Reopen(alert_id=scene.alert("10.0.0.1").id, operator=ANNA))
    alert = scene.alert("10.0.0.1")
    assert (alert.device_name, alert.impact) == ("core-1", Level.HIGH)
