"""The message about a cause has the number of its consequences, and is updated when that grows."""

from typing import Any

from opsconductor.model.command import Acknowledge, Shelve, Unacknowledge
from opsconductor.model.notifications.policy import ChannelPolicy
from tests.support.engine.pipeline_scene import ANNA, Scene, device, needs, seconds

CORE = "10.0.0.1"
BELOW = [f"10.0.1.{number}" for number in range(1, 41)]


def stage(**values: Any) -> Scene:
    """Make a scene in which forty devices at two sites hang on one."""
    dependencies = [each for address in BELOW for each in needs(address, CORE)]
    devices = [
        device(CORE, "core-sw-1", site="Hamburg"),
        *(
            device(address, f"sw-{number}", site="Kiel" if number % 4 == 0 else "Hamburg")
            for number, address in enumerate(BELOW)
        ),
    ]
    return Scene(dependencies, devices=devices, settle_time=5, grace_time=30, **values)


def down(scene: Scene, *addresses: str) -> None:
    """Report that devices cannot be reached."""
    for address in addresses:
        scene.problem(address, "network_unreachable", "critical")


def test_one_message_counts_the_consequences_of_a_cause() -> None:
    """Forty consequences and their cause, in any order within the settle time, are one message."""
    scene = stage()
    down(scene, *BELOW[:20], CORE, *BELOW[20:])
    scene.wait(6)
    (message,) = scene.messages()
    assert message.facts["device_ip"] == CORE
    assert message.facts["impacted"] == 40
    assert message.facts["impacted_devices"] == 40
    assert message.facts["impacted_sites"] == ["Hamburg", "Kiel"]
    for address in (*BELOW, CORE):
        scene.clear(address, "network_unreachable")
    scene.wait(10_000)
    assert scene.sent() == [f"problem {CORE}", f"recovery {CORE}"]


def test_recipients_get_an_update_when_the_number_grows() -> None:
    """A minute after the number has grown; then at most every five minutes."""
    scene = stage()
    down(scene, CORE)
    scene.wait(6)
    down(scene, *BELOW[:10])
    scene.wait(59)
    assert len(scene.messages()) == 1
    scene.wait(1)
    update = scene.messages()[1]
    assert (str(update.kind), update.facts["impacted"], update.facts["old_impacted"]) == ("updated", 10, 0)
    down(scene, *BELOW[10:])
    scene.wait(299)
    assert len(scene.messages()) == 2
    scene.wait(1)
    assert [str(each.kind) for each in scene.messages()] == ["problem", "updated", "updated"]
    assert scene.messages()[2].facts["impacted"] == 40
    assert scene.story(scene.alert(CORE, "network_unreachable"))[-1] == "notified"
    scene.wait(10_000)
    assert len(scene.messages()) == 3


def test_growth_during_an_acknowledgement_is_sent_when_it_is_withdrawn() -> None:
    """No update is sent while it is acknowledged; afterwards its recipients get the present number."""
    scene = stage()
    down(scene, CORE)
    scene.wait(6)
    scene.order(Acknowledge(alert_id=scene.alert(CORE, "network_unreachable").id, operator=ANNA))
    down(scene, *BELOW[:10])
    scene.wait(10_000)
    assert len(scene.messages()) == 1
    scene.order(Unacknowledge(alert_id=scene.alert(CORE, "network_unreachable").id, operator=ANNA))
    scene.wait(60)
    (_, update) = scene.messages()
    assert (str(update.kind), update.facts["impacted"]) == ("updated", 10)


def test_growth_while_the_cause_is_shelved_is_sent_when_that_ends() -> None:
    """An update that came due meanwhile is not forgotten until the number grows again."""
    scene = stage()
    down(scene, CORE)
    scene.wait(6)
    cause = scene.alert(CORE, "network_unreachable")
    down(scene, *BELOW[:10])
    scene.order(Shelve(alert_id=cause.id, operator=ANNA, until=scene.now + seconds(600)))
    scene.wait(599)
    assert len(scene.messages()) == 1
    scene.wait(1)
    scene.wait(60)
    assert [str(each.kind) for each in scene.messages()] == ["problem", "updated"]
    assert scene.messages()[1].facts["impacted"] == 10


def test_a_message_that_is_changed_in_place_is_updated_more_often() -> None:
    """A channel that updates in place gets the number every minute."""
    scene = stage(policies={"mail": ChannelPolicy(updates=True)})
    down(scene, CORE)
    scene.wait(6)
    for number in range(3):
        down(scene, *BELOW[10 * number : 10 * number + 10])
        scene.wait(60)
    assert [each.facts["impacted"] for each in scene.messages()] == [0, 10, 20, 30]


def test_small_growth_or_growth_of_an_acknowledged_alert_is_not_sent() -> None:
    """One device more than forty is no reason for an update, nor is growth of an acknowledged alert."""
    scene = stage()
    down(scene, CORE, *BELOW[:30])
    scene.wait(6)
    down(scene, BELOW[30])
    scene.wait(1_000)
    assert len(scene.messages()) == 1
    scene.order(Acknowledge(alert_id=scene.alert(CORE, "network_unreachable").id, operator=ANNA))
    down(scene, *BELOW[31:])
    scene.wait(1_000)
    assert len(scene.messages()) == 1


def test_the_sent_number_survives_a_restart() -> None:
    """A due update is sent after a restart, and none that was sent before."""
    scene = stage()
    down(scene, CORE, *BELOW[:10])
    scene.wait(6)
    down(scene, *BELOW[10:20])
    scene.wait(1)
    scene.restart()
    scene.wait(1)
    scene.wait(60)
    assert [each.facts["impacted"] for each in scene.messages()] == [10, 20]
    scene.restart()
    scene.wait(1)
    scene.wait(1_000)
    assert len(scene.messages()) == 2
