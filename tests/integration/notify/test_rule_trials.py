"""Rules that are not applied are tried on stored alerts, and on described ones."""

from datetime import UTC, datetime
from pathlib import Path

from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

TRIED = {
    "connectors": [{"name": "hook", "type": "webhook", "config": {"url": "http://127.0.0.1:9/"}}],
    "notification_rules": [
        {
            "name": "critical",
            "conditions": {"minimum_severity": "critical"},
            "channels": [{"channel": "hook", "recipients": ["boss"]}],
        },
        {
            "name": "late",
            "conditions": {"unacknowledged_for": "10m", "custom_fields": {"team": "net"}},
            "channels": [{"channel": "hook", "recipients": ["net"]}],
        },
    ],
}
RULES = """
connectors:
  - {name: hook, type: webhook, config: {url: "http://127.0.0.1:9/"}}
notification_rules:
  - name: critical
    conditions: {minimum_severity: critical}
    channels: [{channel: hook, recipients: [boss]}]
"""


async def test_an_alert_that_exists_is_evaluated_by_rules_that_are_not_applied(
    stage: Stage, operator: Caller
) -> None:
    """The answer is that of the rules in the request, and the rules in force do not change."""
    (alert,) = await stage.report(problem("bad one"))
    answer = await operator.post("/rules/who", {"alert_id": str(alert.id), "provision": TRIED})
    verdicts = {each["rule"]: each["reason"] for each in answer.body["data"]["verdicts"]}
    assert verdicts["critical"] == "severity is major, below critical"
    assert answer.body["data"]["recipients"] == []
    in_force = (await operator.get(f"/alerts/{alert.id}/who")).body["data"]
    assert "critical" not in {each["rule"] for each in in_force["verdicts"]}


async def test_an_alert_that_does_not_exist_is_evaluated(operator: Caller) -> None:
    """Age, fields and severity of the description decide; the time may be another one."""
    example = {"device": "10.0.0.1", "alert_type": "network_link_down", "severity": "critical"}
    example |= {"age": "15m", "custom_fields": {"team": "net"}}  # type: ignore[dict-item]
    body = {"alert": example, "provision": TRIED, "at": datetime.now(UTC).isoformat()}
    found = (await operator.post("/rules/who", body)).body["data"]["recipients"]
    assert [(each["rule"], each["recipient"]) for each in found] == [("critical", "boss"), ("late", "net")]


async def test_faults_are_named(operator: Caller) -> None:
    """An unknown key, an unknown channel, and no alert at all are refused with what is expected."""
    wrong = {"notification_rules": [{"name": "x", "conditions": {"sevrity": "major"}, "channels": []}]}
    example = {"device": "core", "alert_type": "network_link_down"}
    refused = await operator.post("/rules/who", {"alert": example, "provision": wrong})
    names = {each["name"] for each in refused.body["error"]["details"]}
    assert names == {"notification_rules[0].conditions.sevrity", "notification_rules[0].channels"}
    nowhere = {"notification_rules": [{"name": "x", "channels": [{"channel": "nowhere"}]}]}
    refused = await operator.post("/rules/who", {"alert": example, "provision": nowhere})
    assert refused.body["error"]["details"][0]["found"] == '"nowhere"'
    refused = await operator.post("/rules/who", {})
    assert refused.body["error"]["details"][0]["name"] == "alert_id"


async def test_the_command_takes_files(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """An alert or a file, and rules that are in force or in a file."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem("bad one"))
    rules, example = tmp_path / "rules.yaml", tmp_path / "example.yaml"
    rules.write_text(RULES)
    example.write_text("{device: core-sw1, alert_type: network_link_down, severity: critical}")
    output = await terminal.run("rules", "who", str(example), "--rules", str(rules), "--alone")
    assert output.splitlines()[0] == "hook boss  (rule critical)"
    output = await terminal.run("rules", "who", str(alert.id)[:8], "--rules", str(rules))
    assert "not by rule critical: severity is major, below critical" in output
    example.write_text("[]")
    output = await terminal.run("rules", "who", str(example), fails=True)
    assert "expected an alert: a mapping with device and alert_type" in output
