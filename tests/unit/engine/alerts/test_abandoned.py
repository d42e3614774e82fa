"""Open alerts of targets, checks and connectors that are no longer configured."""

import asyncio
import json
from contextlib import suppress
from types import SimpleNamespace
from typing import cast

import pytest

from connectors.eaton.config import EatonConfig
from connectors.eaton.normalize import normalize
from connectors.eaton.source import EatonSource
from connectors.snmp_poll.config import SnmpPollConfig
from connectors.snmp_poll.source import SnmpPollSource
from opsconductor.app.connectors import abandoned as app
from opsconductor.app.connectors.abandoned import abandon_forever, abandoned, orphans_of
from opsconductor.app.connectors.built_in import NAMES
from opsconductor.model.changes import Changes
from opsconductor.model.enums import Status
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import is_polled, rule_scope
from opsconductor.pipeline.loop import PipelineLoop, Step
from tests.support.engine.pipeline_scene import START, Scene, needs, report, seconds
from tests.support.snmp.polled import Engine

UPS, OTHER = "10.0.0.6", "10.0.0.7"
BATTERY = "power_on_battery"


def on_battery(scene: Scene, device: str = UPS) -> None:
    """Make the poller list a UPS."""
    scene.poll(f"ups/{device}", report(device, BATTERY, at=scene.now, source_system="ups"))


def test_an_alert_no_longer_polled_is_closed_as_expired() -> None:
    """The history has the rule; no recovery is sent, because its end is not known."""
    scene = Scene()
    on_battery(scene)
    on_battery(scene, OTHER)
    scene.abandon(f"ups/{UPS}")
    alert = scene.alert(UPS, BATTERY)
    assert (alert.status, alert.is_clear) == (Status.EXPIRED, False)
    assert scene.history(alert)[-1].rule == "snapshot.abandoned"
    assert scene.alert(OTHER, BATTERY).status is Status.ACTIVE
    assert scene.sent() == [f"problem {UPS}", f"problem {OTHER}"]
    assert scene.engine.scopes == {f"ups/{OTHER}"}


def test_an_alert_of_a_removed_rule_is_closed_or_taken_over_by_a_poller() -> None:
    """No snapshot lists the scope of a rule; a poller that lists the alert owns it from then on."""
    scene = Scene()
    scope = rule_scope("mqtt", "abc")
    for device in (UPS, OTHER):
        scene.problem(device, BATTERY, source_system="mqtt", snapshot_scope=scope)
    scene.now += seconds(1)
    on_battery(scene, OTHER)
    scene.abandon(scope)
    assert scene.alert(UPS, BATTERY).status is Status.EXPIRED
    assert scene.alert(OTHER, BATTERY).status is Status.ACTIVE
    scene.now += seconds(1)
    scene.poll(f"ups/{OTHER}")
    assert scene.alert(OTHER, BATTERY).status is Status.RESOLVED
    assert [is_polled(each) for each in (scope, "ups", "ups/rule:1", "")] == [False, True, False, False]


def test_an_alert_first_reported_by_another_source_belongs_to_it_again() -> None:
    """A trap opened it and the poller listed it: the clear of the trap still ends it."""
    scene = Scene()
    scene.problem(UPS, BATTERY)
    scene.now += seconds(1)
    on_battery(scene)
    scene.abandon(f"ups/{UPS}")
    alert = scene.alert(UPS, BATTERY)
    assert (alert.status, alert.snapshot_scope) == (Status.ACTIVE, "")
    scene.now += seconds(1)
    scene.clear(UPS, BATTERY)
    assert scene.alert(UPS, BATTERY).status is Status.RESOLVED


def test_consequences_of_an_abandoned_cause_are_notified_after_their_grace() -> None:
    """A cause that is closed suppresses nothing."""
    scene = Scene(needs("10.0.0.9", UPS))
    scene.poll(f"ups/{UPS}", report(UPS, "power_lost", "critical", at=scene.now, source_system="ups"))
    scene.problem("10.0.0.9", "network_unreachable")
    assert scene.alert("10.0.0.9", "network_unreachable").status is Status.SUPPRESSED
    scene.abandon(f"ups/{UPS}")
    scene.wait(3600)
    assert scene.alert("10.0.0.9", "network_unreachable").status is Status.ACTIVE


def test_a_target_polled_again_has_its_alert_back() -> None:
    """As of a target that was left out by mistake."""
    scene = Scene()
    on_battery(scene)
    scene.abandon(f"ups/{UPS}")
    scene.now += seconds(60)
    on_battery(scene)
    assert scene.alert(UPS, BATTERY).status is Status.ACTIVE
    assert scene.engine.scopes == {f"ups/{UPS}"}


def test_scopes_of_connectors_that_are_gone_are_abandoned() -> None:
    """Scopes of a connector that is configured but cannot run, and the daemon's own, are not."""
    scopes = {"gone", "gone/10.0.0.1", "ill/10.0.0.1", "prtg", "prtg/server", *NAMES}
    found = abandoned(scopes, {"ill", "prtg"}, lambda _: None)
    assert set(found) == {"gone", "gone/10.0.0.1"}


def test_a_ups_poller_abandons_removed_targets() -> None:
    """Both its scopes, and no others."""
    config = EatonConfig.model_validate({"targets": [{"ip": UPS, "community": "c"}]})
    source = EatonSource(config, Engine().context())
    scopes = [f"poll/{ip}{end}" for ip in (UPS, OTHER) for end in ("", "/reachability")]
    assert set(source.abandoned(scopes)) == {f"poll/{OTHER}", f"poll/{OTHER}/reachability"}


@pytest.mark.parametrize("failure", [{}, {"failure": "no answer", "is_partly": False}])
def test_a_ups_poller_does_not_abandon_its_own_scopes(failure: dict[str, object]) -> None:
    """The scopes of its snapshots are those that it knows."""
    config = EatonConfig.model_validate({"targets": [{"ip": UPS, "community": "c"}]})
    source = EatonSource(config, Engine().context())
    document: dict[str, object] = {
        "ip": UPS,
        "name": "",
        "mib": "XUPS-MIB",
        "texts": {},
        "measures": {},
        "states": {},
    }
    document |= {
        "alarms": [],
        "cells": [],
        "unread": [],
        "levels": [],
        "kept": [],
        "has_alarms": True,
    } | failure
    raw = RawEvent(connector="poll", payload=json.dumps(document).encode(), received_at=START, peer=UPS)
    assert not source.abandoned([normalize(raw).scope])


def test_a_poller_abandons_removed_devices_and_checks() -> None:
    """Those still configured stay, also with a port of their own."""
    targets = [
        {"addresses": [UPS], "community": "c", "checks": ["cpu"]},
        {"addresses": [OTHER], "community": "c", "port": 1161},
    ]
    source = SnmpPollSource(SnmpPollConfig.model_validate({"targets": targets}), Engine().context())
    kept = {f"poll/{UPS}/reachability", f"poll/{UPS}/cpu", f"poll/{OTHER}/1161/memory"}
    gone = {f"poll/{UPS}/memory", f"poll/{OTHER}/memory", "poll/10.0.0.8/reachability"}
    assert set(source.abandoned(kept | gone)) == gone


async def test_a_daemon_closes_abandoned_alerts_and_logs_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At its start and after every reload; one log line has their number and connectors."""
    monkeypatch.setattr(app, "LOOK_EVERY_S", 0)
    scene = Scene()
    on_battery(scene)

    async def ask(step: Step) -> Changes:
        return step(scene.engine, scene.now)

    worker = cast("PipelineLoop", SimpleNamespace(stages=SimpleNamespace(engine=scene.engine), ask=ask))
    task = asyncio.create_task(abandon_forever(worker, lambda _: None, lambda: ["mail"]))
    async with asyncio.timeout(5):
        while not caplog.records:
            await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    (record,) = caplog.records
    assert (record.__dict__["amount"], record.__dict__["connector"]) == (1, "ups")
    assert not scene.engine.scopes


async def test_alerts_without_a_snapshot_are_counted_and_stay_open() -> None:
    """A trap of a listener that is removed or renamed is not repeated."""
    scene = Scene()
    on_battery(scene)
    scene.problem("10.0.0.9")
    scene.problem("10.0.0.8", source_system="opsconductor")
    alerts = scene.engine.open_alerts()
    assert await orphans_of(alerts, {"mail"}) == {"traps": 1}
    assert await orphans_of(alerts, {"traps"}) == {}
