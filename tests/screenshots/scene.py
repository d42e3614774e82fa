"""The scene of the pictures: a daemon with devices, connectors, rules and a morning's alerts."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsconductor.model.enums import Severity
from tests.support.daemons.daemon import Daemon, running
from tests.support.daemons.daemon_data import make_cluster
from tests.support.notify.smtp_server import Mailbox, served
from tests.support.ports import free_port
from tests.support.series.measured_weeks import WRONG, posts
from tests.support.series.planted import planted_csv

SITES = {"lyon": "10.20", "paris": "10.30", "nice": "10.40"}
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
UNKNOWN = "1.3.6.1.4.1.99999.4"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
SENDERS = {"nice-access-1": "127.0.20.7", "paris-access-3": "127.0.20.8"}
"""Devices that send real traps, by a further address each."""
ALERTS = 14
TYPES = {"core": "switch", "access": "switch", "ups": "ups"}


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Daemon]:
    """Run a daemon in which it has been an eventful morning."""
    (folder / "cluster").mkdir()
    (folder / "daemon").mkdir()
    daemon = Daemon(folder / "daemon", cluster=await make_cluster(folder / "cluster"))
    async with served(Mailbox()) as mail_port:
        daemon.declare("network", **declared(mail_port))
        daemon.write_settings({"retention": {"points_days": 40}})
        async with running(daemon):
            await daemon.api("/events", list(morning(datetime.now(UTC))))
            for source in SENDERS.values():
                await daemon.trap(LINK_DOWN, f"{IF_INDEX}.7", "i", "7", source=source)
                for sensor in range(6):
                    await daemon.trap(UNKNOWN, f"{UNKNOWN}.{sensor}.0", "i", str(sensor), source=source)
            await measure(daemon, folder)
            await take_care(await daemon.alerts_when(lambda found: len(found) >= ALERTS), daemon)
            yield daemon


async def measure(daemon: Daemon, folder: Path) -> None:
    """Send five weeks of values, wait for the detector's findings; upload a dataset, make a report."""
    points, plant = folder / "points.csv", folder / "plant.csv"
    for text in posts(datetime.now(UTC).replace(second=0, microsecond=0)):
        points.write_text(text)
        await daemon.run("series", "import", str(points))
    while len(list((await daemon.api("/anomalies?admitted=true"))["data"])) < WRONG:  # type: ignore[call-overload]
        await asyncio.sleep(0.5)
    plant.write_bytes(planted_csv())
    await daemon.run("datasets", "upload", str(plant), "--name", "pump 7", "--tag", "pump", "--analyse")
    await daemon.run("reports", "make", "weekly")


async def take_care(alerts: Sequence[Mapping[str, Any]], daemon: Daemon) -> None:
    """Act as operators: a cause is acknowledged with a note, a fault assigned, one shelved."""
    ids = {(alert["device_name"], alert["alert_type"]): alert["id"] for alert in alerts}
    cause = ids["lyon-core-1", "network_unreachable"]
    await daemon.api(f"/alerts/{cause}/acknowledge", {"notes": "Fibre cut in the Rue de Lyon, ticket 4711"})
    peer = ids["paris-core-1", "network_bgp_down"]
    await daemon.api(f"/alerts/{peer}/assign", {"assigned_to": "bob"})
    fan = ids["nice-core-1", "environment_fan_failed"]
    await daemon.api(f"/alerts/{fan}/shelve", {"lasts": "8h", "notes": "spare part ordered"})


def declared(mail_port: int) -> Mapping[str, list[dict[str, Any]]]:
    """Return what is declared: three sites, each with two core switches, four access switches and a UPS."""
    devices: list[dict[str, Any]] = []
    needs: list[dict[str, Any]] = []
    for site, net in SITES.items():
        devices += [device(f"{site}-core-{n}", f"{net}.0.{n}", site, "core") for n in (1, 2)]
        devices.append(device(f"{site}-ups-1", f"{net}.9.1", site, "ups"))
        for n in range(1, 5):
            devices.append(device(f"{site}-access-{n}", f"{net}.1.{n}", site, "access"))
            needs += [{"device_ip": f"{net}.1.{n}", "depends_on_ip": f"{net}.0.{core}"} for core in (1, 2)]
            power = {"depends_on_ip": f"{net}.9.1", "dependency_type": "power"}
            needs.append({"device_ip": f"{net}.1.{n}", **power})
    kinds = {"machine_configurations": machines(), "alert_rules": limits()}
    return {
        "devices": devices,
        "dependencies": needs,
        "connectors": connectors(mail_port),
        **kinds,
        **notified(),
    }


def machines() -> list[dict[str, Any]]:
    """Declare normal and excessive values for types of machines."""
    usual = {
        "battery_temperature": {"expected": 24, "variation": 2},
        "input_voltage": {"expected": 230, "variation": 3},
    }
    hot = {"metric": "battery_temperature", "warning": 35, "critical": 45, "hysteresis": 2, "samples": 3}
    empty = {"metric": "battery_charge", "direction": "below", "warning": 50, "critical": 20}
    busy = {"metric": "cpu_load", "warning": 80, "critical": 95, "samples": 3}
    work = {"zone": "Europe/Paris", "days": "mon-fri", "from": "06:00", "to": "22:00"}
    shaken = {"metric": "vibration", "warning": 7.1, "critical": 11}
    return [
        {"machine_type": "ups", "description": "All makes", "baselines": usual, "thresholds": [hot, empty]},
        {"machine_type": "switch", "thresholds": [busy]},
        {"machine_type": "press", "operational_pattern": work, "thresholds": [shaken]},
    ]


def limits() -> list[dict[str, Any]]:
    """Declare rules over measured values."""
    errors = {"name": "errors on a port", "expression": "if_in_errors / if_in_packets * 100"}
    return [
        {"name": "low signal", "metric": "signal_strength", "direction": "below", "warning": -75},
        {**errors, "category": "network", "warning": 0.1, "critical": 1, "samples": 2},
        {
            "name": "bursty access ports",
            "scope": {"role": "access"},
            "metric": "*_traffic",
            "hold_back": True,
        },
    ]


def device(name: str, address: str, site: str, role: str) -> dict[str, Any]:
    """Declare a device."""
    declared = {"name": name, "ip_address": address, "site": site, "role": role, "tags": [role, "managed"]}
    declared["device_type"] = TYPES[role]
    return declared | ({"addresses": [SENDERS[name]]} if name in SENDERS else {})


def connectors(mail_port: int) -> list[dict[str, Any]]:
    """Declare connectors: some work, two are switched off."""
    unused_port = free_port()
    hook = {"url": f"http://127.0.0.1:{unused_port}/hook", "secret": "the-secret-of-the-hook"}
    prtg = {"url": f"http://127.0.0.1:{unused_port}", "api_token": "A" * 56}
    posts = {"format": "alertmanager", "token": "a-long-token-for-the-posts"}
    mail = {"host": "127.0.0.1", "port": mail_port, "from": "opsconductor@example.net", "tls": "none"}
    return [
        {"name": "alertmanager", "type": "webhook_in", "config": posts},
        {
            "name": "prtg",
            "type": "prtg",
            "enabled": False,
            "config": prtg,
        },
        {"name": "noc-mail", "type": "email", "config": mail},
        {"name": "noc-hook", "type": "webhook", "enabled": False, "config": hook},
    ]


def notified() -> dict[str, list[dict[str, Any]]]:
    """Declare who is notified."""
    to_noc = [{"channel": "noc-mail", "recipients": ["noc@example.net"]}]
    power = {"category": ["power", "environment"], "site": ["lyon", "paris"], "minimum_severity": "minor"}
    return {
        "people": [person(name) for name in ("anna", "bob", "carla")],
        "teams": [{"name": "power", "members": ["anna", "carla"]}],
        "schedules": [on_call()],
        "escalation_policies": [
            {
                "name": "core",
                "steps": [
                    {"notify": [{"schedule": "primary"}]},
                    {"after": "15m", "notify": [{"team": "power"}, to_noc[0]]},
                ],
                "repeat": 2,
                "repeat_after": "30m",
            }
        ],
        "notification_rules": [
            {
                "name": "critical at once",
                "priority": 10,
                "conditions": {"severity": "critical"},
                "channels": [{"escalation": "core"}],
            },
            {
                "name": "power",
                "conditions": power,
                "channels": [*to_noc, {"team": "power"}],
                "group_by": ["site"],
            },
        ],
        "maintenance_windows": [
            {
                "name": "patches",
                "reason": "Monthly patches of the access switches",
                "conditions": {"role": "access", "site": "nice"},
                "start_at": "2026-01-13T22:00:00+01:00",
                "recurring": {"rule": "FREQ=MONTHLY;BYDAY=2TU", "zone": "Europe/Paris", "duration": "4h"},
            }
        ],
    }


def person(name: str) -> dict[str, Any]:
    """Declare a person with a mail address."""
    method = {"channel": "noc-mail", "recipient": f"{name}@example.net", "minimum_severity": "minor"}
    return {"name": name, "time_zone": "Europe/Paris", "contact_methods": [method]}


def on_call() -> dict[str, Any]:
    """Declare who is on call: a week each, and another person on weekday nights."""
    turns = {"starts": "2026-01-05", "handover": "09:00", "participants": ["anna", "bob", "carla"]}
    night = {"days": ["mon", "tue", "wed", "thu"], "from": "20:00", "to": "07:00"}
    nights = {
        "starts": "2026-01-05",
        "every": "daily",
        "participants": ["bob", "carla"],
        "restricted_to": [night],
    }
    layers = [{"name": "week", **turns}, {"name": "nights", **nights}]
    return {"name": "primary", "time_zone": "Europe/Paris", "layers": layers}


def morning(now: datetime) -> Iterator[dict[str, object]]:
    """Yield the reported events: an outage with its consequences, and single faults."""
    cut = (
        ("lyon-core-1", "network_unreachable", Severity.CRITICAL, "", "Unreachable", 11),
        ("lyon-core-2", "network_unreachable", Severity.CRITICAL, "", "Unreachable", 10),
    )
    for fault in cut:
        yield {**event(now, *fault), "cutting": True}
    for n in range(1, 5):
        yield event(now, f"lyon-access-{n}", "network_unreachable", Severity.MAJOR, "", "Unreachable", 9)
    critical, major, minor = Severity.CRITICAL, Severity.MAJOR, Severity.MINOR
    yield event(now, "paris-ups-1", "power_on_battery", critical, "", "On battery, 38 minutes left", 4)
    yield event(now, "paris-core-1", "network_bgp_down", major, "peer=203.0.113.9", "BGP peer down", 26)
    yield event(now, "nice-access-3", "network_link_down", major, "ifIndex=12", "Link down: Gi1/0/12", 41)
    yield event(now, "nice-core-2", "compute_cpu_high", minor, "cpu=1", "CPU 92 % for 10 minutes", 67)
    yield event(now, "paris-access-2", "network_port_errors", minor, "ifIndex=3", "CRC errors: Gi1/0/3", 140)
    fan = ("nice-core-1", "environment_fan_failed", Severity.WARNING, "fan=2", "Fan 2 slow", 190)
    yield event(now, *fan)
    yield event(
        now, "backup-1", "storage_backup_failed", Severity.WARNING, "job=nightly", "Backup failed", 388
    )
    yield event(now, "paris-access-4", "security_login_failed", Severity.INFO, "", "7 failed log-ins", 510)


def event(now: datetime, *fault: Any) -> dict[str, object]:
    """Return an event: device, type, severity, resource, title, minutes ago."""
    device_name, alert_type, severity, resource, title, minutes = fault
    return {
        "device": device_name,
        "alert_type": alert_type,
        "severity": severity,
        "resource": resource,
        "title": title,
        "occurred_at": (now - timedelta(minutes=minutes)).isoformat(),
    }
