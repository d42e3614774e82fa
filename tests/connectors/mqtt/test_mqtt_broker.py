"""The alert that a broker cannot be reached."""

from connectors.mqtt.client.broker import snapshot_of, write_broker
from opsconductor.model.event import RawEvent
from tests.support.engine.pipeline_scene import Scene


def poll(scene: Scene, connector: str, failure: str) -> None:
    """Report the state of its broker as a connector does."""
    payload = write_broker("192.0.2.9", failure)
    snapshot = snapshot_of(RawEvent(connector=connector, payload=payload, received_at=scene.now))
    scene.poll(snapshot.scope, *snapshot.alerts)


def test_two_connectors_on_one_broker_host_have_an_alert_each() -> None:
    """One broker that is back does not hide that the other is away."""
    scene = Scene()
    poll(scene, "plant", "refuses the connection")
    poll(scene, "office", "wrong password")
    assert sorted(alert.resource for alert in scene.engine.open_alerts()) == [
        "connector=office",
        "connector=plant",
    ]
    poll(scene, "plant", "")
    (left,) = scene.engine.open_alerts()
    assert (left.resource, left.message.splitlines()[0]) == ("connector=office", "wrong password")
