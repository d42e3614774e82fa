"""A real Alertmanager posts to the connector, by way of the API, the engine and the database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsconductor.model.alert import Alert
from tests.support.api.api_stage import Stage, serving
from tests.support.api.webhook_posts import TOKEN, source_of
from tests.support.connectors.alertmanager import alertmanager
from tests.support.snmp.trap_listener import until

pytest_plugins = ["tests.integration.api_fixtures"]

MANY = 1_500
WITHIN_S = 60.0


def fault(name: str, **labels: str) -> dict[str, object]:
    """Write an alert as Prometheus gives it to Alertmanager."""
    return {"labels": {"alertname": name, "severity": "critical", "job": "node", **labels}}


def over(alert: dict[str, object]) -> dict[str, object]:
    """Write that it is over."""
    now = datetime.now(UTC)
    return {
        **alert,
        "startsAt": (now - timedelta(minutes=1)).isoformat(),
        "endsAt": (now - timedelta(seconds=1)).isoformat(),
    }


async def test_a_real_alertmanager_opens_and_ends_alerts(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group of 1,500 is taken whole; each ends by its own fingerprint; a test is a notice on no device."""
    monkeypatch.setattr("tests.support.api.api_stage.BODY_BYTES", 4 * 1024 * 1024)  # as long as in the daemon
    stage.desk.parts["am"] = source_of(name="am")

    def open_now() -> dict[tuple[str, str], Alert]:
        return {(alert.alert_type, alert.device_name or ""): alert for alert in stage.engine.open_alerts()}

    async with (
        serving(stage) as url,
        alertmanager(tmp_path, f"{url}/api/v1/connectors/am/webhook", TOKEN) as running,
    ):
        faults = [fault("HostDown", host=f"srv{number}") for number in range(MANY)]
        await running.post(faults)
        await until(lambda: len(open_now()) == MANY, WITHIN_S)
        first = open_now()["application_host_down", "srv0"]
        assert (first.has_problem_id, first.is_cutting, first.resource) == (True, True, "")
        await running.post([over(faults[0]), fault("DiskFull", host="srv0", mountpoint="/var")])
        await until(lambda: ("application_host_down", "srv0") not in open_now(), WITHIN_S)
        await until(lambda: ("application_disk_full", "srv0") in open_now(), WITHIN_S)
        await running.amtool("alert", "add", "alertname=test", "host=srv1", "severity=critical", "job=x")
        await until(lambda: ("application_alertmanager_test", "am (test)") in open_now(), WITHIN_S)
        test_alert = open_now()["application_alertmanager_test", "am (test)"]
        assert (str(test_alert.severity), test_alert.expires_after) == ("info", timedelta(minutes=10))
        assert len(open_now()) == MANY + 1
