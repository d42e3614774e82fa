"""Faults that are sent in a replay, alone or in a message about several alerts."""

from dataclasses import replace

from opsconductor.model.notifications.grouping import MessageGrouping
from opsconductor.replay.tally import Tally
from tests.support.engine.pipeline_scene import ALL, Scene


def test_every_alert_in_a_message_counts_as_sent() -> None:
    """One message of a group covers two faults; one resolved before it is not sent."""
    scene = Scene(rules=[replace(ALL, grouping=MessageGrouping())], settle_time=0)
    tally = Tally(scene.engine)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        tally.add(scene.problem(address))
    tally.add(scene.clear("10.0.0.3"))
    assert not tally.notified
    tally.add(scene.wait(30))
    assert sorted(fault.device for fault in tally.notified.values()) == ["10.0.0.1", "10.0.0.2"]
    assert sum(tally.messages.values()) == 1
