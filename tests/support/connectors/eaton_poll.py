"""A UPS that feeds a switch: results of polls, and the engine's decisions."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.eaton.config import Thresholds
from connectors.eaton.evaluate import evaluate
from connectors.eaton.normalize import normalize
from opsconductor.model.enums import DependencyType, Status
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import Snapshot
from tests.support.connectors.eaton_ups import XUPS
from tests.support.engine.pipeline_scene import START, Scene, needs

UPS_IP, SWITCH = "192.0.2.10", "192.0.2.20"


def poll(*alarms: str, mib: str = "XUPS-MIB", **document: Any) -> Snapshot:
    """Poll a UPS that has these alarms in its table."""
    found = {
        "ip": UPS_IP,
        "name": "ups-1",
        "mib": mib,
        "texts": {},
        "measures": {},
        "states": {},
        "has_alarms": True,
        "alarms": [{"oid": alarm} for alarm in alarms],
        "cells": [],
        "unread": [],
        **document,
    }
    whole = evaluate(
        found, Thresholds(), lambda *_: None, before=None, on_battery_for_s=document.get("for_s", 0)
    )
    raw = RawEvent(connector="ups", payload=json.dumps({**found, **whole}).encode(), received_at=START)
    return normalize(raw)


class Stage(Scene):
    """A switch whose only power source is the UPS."""

    def __init__(self) -> None:
        super().__init__(needs(SWITCH, UPS_IP, kind=DependencyType.POWER), settle_time=timedelta(0))

    def polled(self, *alarms: str, **document: Any) -> None:
        """Poll the UPS."""
        self.poll("ups/192.0.2.10", *poll(*alarms, **document).alerts)

    def switch_status(self) -> Status:
        """Return the status of an alert of the switch that comes now."""
        self.problem(SWITCH, "network_device_unreachable", "critical")
        return self.alert(SWITCH, "network_device_unreachable").status


def on_battery(seconds: float) -> Mapping[str, Any]:
    """Be on battery for so long."""
    return {"alarms": [{"oid": f"{XUPS}.7.3", "age_s": seconds}]}
