"""A week of a small network, for tests of reports."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from opsconductor.model.inventory.device import Device
from opsconductor.reports.facts import AlertFact, AnomalySums, ReportFacts
from opsconductor.reports.period import ReportType, last_period

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
WEEK = last_period(ReportType.WEEKLY, "Europe/Berlin", NOW)
UNREACHABLE = ("*_unreachable",)


def device(key: str, name: str, **fields: str) -> Device:
    """Return a device of the inventory."""
    return Device(id=UUID(int=hash(key) % 2**64), ip_address=key, name=name, **fields)


def alert(key: str, at: datetime, lasts: timedelta | None = None, **fields: object) -> AlertFact:
    """Return an alert of a device that was resolved after some time; None: it is open."""
    over = None if lasts is None else at + lasts
    given = {
        "device": key,
        "device_name": key,
        "resource": "",
        "severity": "major",
        "category": "network",
        "alert_type": "network_unreachable",
        "title": "Unreachable",
        "occurred_at": at,
        "acknowledged_at": None,
        "resolved_at": over,
        "closed_at": over,
        "is_consequence": False,
        "is_notified": True,
    }
    return AlertFact(**{**given, **fields})


def facts(*alerts: AlertFact, **fields: object) -> ReportFacts:
    """Return the facts of a week."""
    devices = {f"10.0.0.{n}": device(f"10.0.0.{n}", f"switch-{n}", site="Lyon") for n in range(1, 5)}
    given = {
        "period": WEEK,
        "scope": "everything",
        "devices": devices,
        "known_since": {},
        "dependent": frozenset(),
        "alerts": alerts,
        "down": (),
        "unreachable": UNREACHABLE,
    }
    return ReportFacts(**{**given, **fields})


def busy_week(seed: int = 7) -> ReportFacts:
    """Return a week of a network of 60 devices with some hundred alerts."""
    random = Random(seed)
    sites = ("Lyon", "Hamburg", "Bern")
    devices = {
        f"10.0.{n // 20}.{n % 20}": device(
            f"10.0.{n // 20}.{n % 20}",
            f"{('core', 'access', 'ups')[n % 3]}-{sites[n % 3][:3].lower()}-{n:02d}",
            site=sites[n % 3],
            model=("EX4300", "C9300", "9PX3000")[n % 3],
        )
        for n in range(60)
    }
    kinds = [
        ("network_link_down", "network", "minor"),
        ("network_unreachable", "network", "critical"),
        ("environment_fan_failed", "environment", "major"),
        ("power_on_battery", "power", "major"),
        ("compute_cpu_high", "compute", "warning"),
        ("unknown_trap", "unknown", "warning"),
        ("security_certificate_expiring", "security", "warning"),
    ]
    alerts = []
    for _ in range(640):
        key = random.choice(list(devices)[: random.choice((6, 20, 60))])
        alert_type, category, severity = random.choices(kinds, (30, 8, 6, 8, 25, 12, 2))[0]
        begin = WEEK.begin + random.random() * (WEEK.end - WEEK.begin)
        lasts = timedelta(minutes=random.lognormvariate(3, 1.4))
        is_consequence = random.random() < 0.3
        alerts.append(
            alert(
                key,
                begin,
                lasts if random.random() < 0.9 else None,
                device_name=devices[key].name,
                alert_type=alert_type,
                category=category,
                severity=severity,
                title=f"{alert_type} - {devices[key].name}",
                resource=f"ifIndex={random.randint(1, 48)}" if alert_type == "network_link_down" else "",
                is_consequence=is_consequence,
                is_notified=not is_consequence and severity != "warning",
                acknowledged_at=begin + lasts * random.random() if random.random() < 0.4 else None,
                flapped=4 if random.random() < 0.01 else 0,
            )
        )
    sums = AnomalySums(
        total=41, confirmed=9, false_positives=3, alerted=14, devices=(("core-lyo-00", 12), ("ups-ber-02", 7))
    )
    return facts(*alerts, devices=devices, anomalies=sums, sent=318)
