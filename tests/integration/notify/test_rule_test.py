"""Rules are tested on received events: their messages are shown beside the sent ones."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from opsconductor.app.connectors.types import installed_types
from opsconductor.app.rule_test.document import Json, document_of
from opsconductor.app.rule_test.testing import RuleTestProgress, RuleTestRequest, run_rule_test
from opsconductor.cli import main
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.sections.notification import RecipientLimitSettings
from opsconductor.config.settings import DatabaseSettings, Settings
from opsconductor.model.alert import NotifiedRecipient
from opsconductor.model.changes import Changes
from opsconductor.store.commit.commit import commit
from opsconductor.store.declared.provisioning import apply
from opsconductor.store.raw_events import Span, read_notified
from tests.support.snmp.trap_archive import TrapArchive, number
from tests.support.store.lived_past import live_through
from tests.support.store.stored import NOW, a_creation, an_alert, an_intent

BEGIN = datetime.now(UTC) - timedelta(days=3)
PORTS = 4
IF_INDEX, LINK_DOWN, LINK_UP = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
IN_FORCE = """
connectors:
  - {name: traps, type: snmp_trap, config: {listen: ["127.0.0.1:16200"]}}
  - {name: hook, type: webhook, config: {url: "http://127.0.0.1:9/"}}
notification_rules:
  - {name: everything, channels: [{channel: hook}]}
"""
NARROW = """
notification_rules:
  - name: everything
    conditions: {minimum_severity: major, device_ip_pattern: 10.0.0.2}
    channels: [{channel: hook, recipients: [noc]}]
"""
LATE = """
notification_rules:
  - name: everything
    conditions: {unacknowledged_for: 10m}
    channels: [{channel: hook}]
"""

LIMITED = """
connectors:
  - {name: mail, type: email, config: {host: 127.0.0.1, tls: none, from: ops@example.net}}
notification_rules:
  - name: everything
    channels: [{channel: mail, recipients: [noc@example.net]}]
"""
MUTED = """
maintenance_windows:
  - name: always
    conditions: {device_ip_pattern: 10.0.0.2}
    start_at: 2020-01-01T00:00:00Z
    end_at: 2100-01-01T00:00:00Z
"""


@pytest.fixture
async def past(pool: asyncpg.Pool, tmp_path: Path) -> asyncpg.Pool:
    """Fill a database with ports that fail for good and one that comes back; all were notified."""
    provision = read_provision([written(tmp_path, IN_FORCE)], installed_types())
    await apply(pool, provision, installed_types(), key=bytes(32), actor="test")
    archive = TrapArchive(BEGIN)
    for port in range(1, PORTS + 1):
        archive.add(60 * port, "10.0.0.1", LINK_DOWN, number(f"{IF_INDEX}.{port}", port))
    archive.add(1_000, "10.0.0.2", LINK_DOWN, number(f"{IF_INDEX}.1", 1))
    archive.add(2_000, "10.0.0.2", LINK_UP, number(f"{IF_INDEX}.1", 1))
    await live_through(pool, archive.parts(), tmp_path)
    return pool


def written(folder: Path, text: str) -> Path:
    """Write a provisioning file."""
    path = folder / "rules.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return settings of a daemon on the database of the test."""
    return Settings(data_dir=tmp_path, database=DatabaseSettings.model_validate({"url": database_url}))


async def outcome(settings: Settings, folder: Path, text: str | None, **more: object) -> Json:
    """Test rules from a day before the archive begins until now."""
    provision = None if text is None else read_provision([written(folder, text)], installed_types())
    values = {"begin": BEGIN - timedelta(days=1), "end": datetime.now(UTC), "provision": provision, **more}
    request = RuleTestRequest(**values)  # type: ignore[arg-type]
    seen: list[RuleTestProgress] = []
    document = document_of(request, await run_rule_test(settings, request, seen.append))
    assert [0 <= each.share <= 1 for each in seen] == [True] * len(seen)
    return document


async def test_the_rules_in_force_would_send_what_was_sent(
    past: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """Both sides agree to the message; the time before the archive begins is not tested, and it says so."""
    del past
    shown = await outcome(settings, tmp_path, None)
    assert shown["messages"] == {"would": PORTS + 2, "were": PORTS + 2}
    assert shown["kinds"] == {
        "problem": {"would": PORTS + 1, "were": PORTS + 1},
        "recovery": {"would": 1, "were": 1},
    }
    assert (shown["silent_total"], shown["new_total"]) == (0, 0)
    assert shown["tested"]["from"] == shown["archive"]["from"] == (BEGIN + timedelta(minutes=1)).isoformat()
    assert shown["asked"]["from"] < shown["tested"]["from"]


async def test_other_rules_are_compared_by_recipient_and_fault(
    past: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """The messages that would be sent, and the faults without a notification, with the reason."""
    del past
    shown = await outcome(settings, tmp_path, NARROW)
    assert shown["messages"] == {"would": 2, "were": PORTS + 2}
    assert shown["rows"] == [
        {"rule": "everything", "channel": "hook", "recipient": "", "would": 0, "were": PORTS + 2},
        {"rule": "everything", "channel": "hook", "recipient": "noc", "would": 2, "were": 0},
    ]
    assert shown["plan"] == "0 added, 1 changed, 0 deleted, 0 unchanged"
    assert shown["silent_total"] == PORTS
    fault = shown["silent"][0]
    assert (fault["alert_type"], fault["messages"], fault["recipients"]) == (
        "network_link_down",
        1,
        ["hook"],
    )
    assert fault["reason"] == "rule everything: device_ip 10.0.0.1 is not in 10.0.0.2"


async def test_the_limit_of_a_recipient_counts(
    past: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """A mailbox that gets one message in an hour gets summaries; every fault is in one of them."""
    del past
    limit = RecipientLimitSettings.model_validate({"messages": 1, "within": "1h", "summary_every": "30m"})
    limited = settings.notifications.model_copy(update={"recipient_limit": limit})
    shown = await outcome(settings.model_copy(update={"notifications": limited}), tmp_path, LIMITED)
    (mails,) = (row for row in shown["rows"] if row["channel"] == "mail")
    assert 0 < mails["would"] < PORTS + 2
    assert shown["silent_total"] == 0


async def test_maintenance_windows_count(past: asyncpg.Pool, settings: Settings, tmp_path: Path) -> None:
    """Alerts in a window would not have been sent: neither the problem nor its end."""
    del past
    shown = await outcome(settings, tmp_path, MUTED)
    assert shown["messages"] == {"would": PORTS, "were": PORTS + 2}


async def test_commands_of_operators_are_repeated(
    past: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """An alert that was acknowledged in time fires no rule for unacknowledged ones."""
    await past.execute(
        "INSERT INTO alert_history (alert_id, action, rule, user_name, created_at) "
        "SELECT id, 'acknowledged', 'operator', 'ada', occurred_at + interval '1 minute' "
        "FROM alerts ORDER BY occurred_at LIMIT 1"
    )
    shown = await outcome(settings, tmp_path, LATE)
    assert shown["commands"] == 1
    assert shown["kinds"]["problem"] == {"would": PORTS, "were": PORTS + 1}
    assert shown["silent_total"] == 1


async def test_rules_can_be_tested_alone(past: asyncpg.Pool, settings: Settings, tmp_path: Path) -> None:
    """With rules of another name alone those in force do not fire."""
    del past
    other = NARROW.replace("everything", "network")
    both = await outcome(settings, tmp_path, other)
    alone = await outcome(settings, tmp_path, other, is_alone=True)
    assert (both["messages"]["would"], alone["messages"]["would"]) == (PORTS + 4, 2)


async def test_a_limit_ends_the_test_and_both_sides_count_until_then(
    past: asyncpg.Pool, settings: Settings, tmp_path: Path
) -> None:
    """Messages sent after the last event that was read do not count."""
    del past
    shown = await outcome(settings, tmp_path, None, events=1)
    assert shown["limited_by"] == "events"
    assert shown["messages"]["were"] <= shown["messages"]["would"]


async def test_alerts_in_a_summary_count_as_sent(pool: asyncpg.Pool) -> None:
    """An alert that waited for a summary counts as sent once that is in the outbox, and not before."""
    message = an_intent(an_alert())
    summarized = NotifiedRecipient(
        rule_id=message.rule_id, rule_name="all", channel="mail", recipient="noc", batch=message.id
    )
    first, second = an_alert(), an_alert(notified=(summarized,))
    message = replace(message, alert_id=first.id)
    await commit(pool, a_creation(first, second))
    span = Span(begin=NOW - timedelta(days=1), end=NOW + timedelta(days=1))
    async with pool.acquire() as connection:
        assert await read_notified(connection, span, [first.source_system], []) == set()
        await commit(pool, Changes(notifications=(message,)))
        found = await read_notified(connection, span, [first.source_system], [])
    assert found == {first.fingerprint, second.fingerprint}


async def test_the_command_shows_it(past: asyncpg.Pool, settings: Settings, tmp_path: Path) -> None:
    """Text for people, JSON for programs, an exit status for scripts."""
    del past
    config = tmp_path / "opsconductor.yaml"
    url = settings.database.url
    assert url is not None
    config.write_text(json.dumps({"data_dir": str(tmp_path), "database": {"url": url.get_secret_value()}}))
    file = written(tmp_path, NARROW)
    command = ["--config", str(config), "rules", "test", str(file), "--last", "4d"]
    runner = CliRunner()

    def run(*more: str) -> tuple[int, str]:
        result = runner.invoke(main, [*command, *more])
        return result.exit_code, result.output

    status, output = await in_thread(run)
    assert status == 0
    assert "2 messages instead of 6, and no notification for 4 faults" in output
    assert "the archive begins" in output
    status, output = await in_thread(run, "--exit-code", "--json")
    assert (status, json.loads(output)["silent_total"]) == (3, 4)


async def in_thread(run: Callable[..., tuple[int, str]], *more: str) -> tuple[int, str]:
    """Run a command that has an event loop of its own."""
    return await asyncio.to_thread(run, *more)
