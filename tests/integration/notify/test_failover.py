"""A message that a channel cannot deliver goes to its failover, once, and its recovery follows it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.errors import ConfigError, Rejected, Unreachable
from opsconductor.model.changes import Changes, NotificationIntent, joined_changes
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.outage import OutageOutbox, claimed_of
from opsconductor.notify.outage_failover import FailoverCopies
from opsconductor.notify.outage_worker import OutageWorker
from opsconductor.store.commit.commit import commit
from opsconductor.store.declared.provisioning import apply
from opsconductor.store.declared.rules import load_rules
from opsconductor.store.notifications.undelivered import list_dead_letters, resend
from tests.support.notify.delivering import QUICK, Recorder, delivering, failing, until_logged
from tests.support.store.outbox_rows import NOW, add_alert, put

FAILOVER = {"failover": {"channel": "sms", "recipients": ["+49 1", "+49 2"]}}
RULES = """
connectors:
  - {name: hook, type: webhook, config: {url: "http://127.0.0.1:9/"}}
  - {name: other, type: webhook, config: {url: "http://127.0.0.1:8/"}}
notification_rules:
  - name: all
    channels:
      - {channel: hook, recipients: [noc], failover: {channel: other, recipients: [boss]}}
"""


async def down(_: Notification) -> None:
    """Fail as a server that does not answer."""
    raise Unreachable("no route to host")


async def test_a_channel_that_is_down_fails_over_and_delivers_later(pool: asyncpg.Pool) -> None:
    """Several recipients make one copy for each failover; the messages themselves wait for the channel."""
    alert = await add_alert(pool)
    for name in ("ada", "bob", "cyd"):
        await put(pool, alert, recipient=name, facts=FAILOVER)
    mail, sms = Recorder(down), Recorder()
    async with delivering(pool, {"mail": mail, "sms": sms}):
        rows = await until_logged(pool, "sent", 2)
    assert sorted(given.recipient for given in sms.given) == ["+49 1", "+49 2"]
    assert [row["payload"]["failover_of"]["channel"] for row in rows] == ["mail", "mail"]
    assert "failover" not in sms.given[0].facts
    assert ("In place of", "mail ada, which could not be reached: no route to host") in sms.given[0].rows
    assert await pool.fetchval("SELECT count(*) FROM notification_outbox WHERE channel = 'mail'") == 3
    mail = Recorder()
    async with delivering(pool, {"mail": mail, "sms": sms}):
        await until_logged(pool, "sent", 5)
    assert sorted(given.recipient for given in mail.given) == ["ada", "bob", "cyd"]
    assert len(sms.given) == 2


async def test_a_given_up_message_fails_over_and_its_recovery_too(pool: asyncpg.Pool) -> None:
    """A refused problem goes to the failover, and so does the recovery; both name the replaced channel."""
    alert = await add_alert(pool)
    await put(pool, alert, facts=FAILOVER)
    mail, sms = failing(Rejected("550 no such user")), Recorder()
    async with delivering(pool, {"mail": mail, "sms": sms}):
        await until_logged(pool, "sent", 2)
        await put(pool, alert, kind="recovery", facts=FAILOVER, created_at=NOW + timedelta(minutes=1))
        await until_logged(pool, "sent", 4)
    assert sorted((given.kind, given.recipient) for given in sms.given) == [
        ("problem", "+49 1"),
        ("problem", "+49 2"),
        ("recovery", "+49 1"),
        ("recovery", "+49 2"),
    ]
    (lost, unsent) = await until_logged(pool, "failed", 2)
    assert (lost["error_message"], unsent["kind"]) == ("550 no such user", "recovery")


async def test_announcements_of_windows_fail_over_each(pool: asyncpg.Pool) -> None:
    """They are about no alert: two windows make two copies; a given-up one is a dead letter, sent again."""
    windows = [{"id": str(uuid4()), "name": name, "event": "begun"} for name in ("fibre", "power")]
    for window in windows:
        facts = {**FAILOVER, "window": window, "severity": "info"}
        await put(pool, UUID(window["id"]), kind="maintenance", facts=facts)
    mail, sms = failing(*[Rejected("550 no such user")] * 2), Recorder()
    async with delivering(pool, {"mail": mail, "sms": sms}):
        lost = await until_logged(pool, "failed", 2)
        await until_logged(pool, "sent", 4)
        assert sorted((each.recipient, each.facts["window"]["name"]) for each in sms.given) == [  # type: ignore[index]
            *(("+49 1", "fibre"), ("+49 1", "power"), ("+49 2", "fibre"), ("+49 2", "power"))
        ]
        letters = await list_dead_letters(pool, since=NOW, channel="", most=9)
        assert {(each.kind, each.alert_id, each.alert_status) for each in letters} == {
            ("maintenance", None, None)
        }
        assert set(await resend(pool, [row["id"] for row in lost], "anna")) == {row["id"] for row in lost}
        await until_logged(pool, "sent", 6)
    assert {str(each.alert_id) for each in mail.given} == {window["id"] for window in windows}


async def test_all_announcements_of_a_window_fail_over_once(pool: asyncpg.Pool) -> None:
    """Begin and end that wait together are two copies; one copied during an outage is none."""
    window, failover = uuid4(), {"failover": {"channel": "sms", "recipients": ["+49 1"]}}
    facts = [
        {**failover, "window": {"id": str(window), "name": "fibre", "event": event}}
        for event in ("begun", "over")
    ]
    for each in facts:
        await put(pool, window, kind="maintenance", facts=each)
    sms = Recorder()
    async with delivering(pool, {"mail": Recorder(down), "sms": sms}):
        await until_logged(pool, "sent", 2)
    assert [each.facts["window"]["event"] for each in sms.given] == ["begun", "over"]  # type: ignore[index]
    await pool.execute("UPDATE notification_outbox SET facts = facts || $1::jsonb", failover)
    await put(pool, uuid4(), kind="maintenance", facts={**facts[0], "window": {"id": str(uuid4())}})
    async with delivering(pool, {"mail": Recorder(down), "sms": sms}):
        await until_logged(pool, "sent", 3)
    assert len(sms.given) == 3
    copies, now = FailoverCopies(), datetime.now(UTC)
    waiting = [
        claimed_of(
            NotificationIntent(
                id=uuid4(),
                alert_id=window,
                rule_id=window,
                rule_name="",
                channel="mail",
                recipient="noc",
                kind=NotificationKind.MAINTENANCE,
                created_at=NOW,
                facts=each,
            )
        )
        for each in facts
    ]
    assert [len(list(copies.of(each, "down", now))) for each in (*waiting, *waiting)] == [1, 1, 0, 0]


async def test_while_the_database_is_away_copies_are_made_once(pool: asyncpg.Pool) -> None:
    """Given up and down, problem and recovery; when the spool is in the database nothing is copied again."""
    alert, kept = await add_alert(pool), []

    async def commit_later(changes: Changes) -> str:
        kept.append(changes)
        return "spooled"

    outage, sms = OutageOutbox(commit_later, lambda: True), Recorder()
    channels = {"mail": failing(Rejected("550 no such user")), "hook": Recorder(down), "sms": sms}
    worker = asyncio.create_task(OutageWorker(outage, NotificationSender(channels, QUICK)).run())

    def add(kind: str, *targets: tuple[str, str]) -> None:
        now = datetime.now(UTC)
        intents = tuple(
            NotificationIntent(
                id=uuid4(),
                alert_id=alert,
                rule_id=uuid4(),
                rule_name="all",
                channel=channel,
                recipient=recipient,
                kind=NotificationKind(kind),
                created_at=now + timedelta(microseconds=number),
                facts={"severity": "major", **FAILOVER},
            )
            for number, (channel, recipient) in enumerate(targets)
        )
        kept.append(Changes(notifications=intents))
        outage.add(intents)

    async def received(*kinds: str) -> None:
        async with asyncio.timeout(10):
            while len(sms.given) < 2 * len(kinds):
                await asyncio.sleep(0.01)
        assert [each.kind for each in sms.given] == [kind for kind in kinds for _ in range(2)]

    try:
        add("problem", ("mail", "ada"))
        await received("problem")
        add("worse", ("hook", "ada"), ("hook", "bob"))
        await received("problem", "worse")
        add("recovery", ("mail", "ada"), ("hook", "bob"))
        await received("problem", "worse", "recovery")
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await commit(pool, joined_changes(kept))
    async with delivering(pool, {"mail": Recorder(), "hook": Recorder(), "sms": sms}):
        async with asyncio.timeout(10):
            while await pool.fetchval("SELECT count(*) FROM notification_outbox"):
                await asyncio.sleep(0.01)
    assert len(sms.given) == 6
    rows = await pool.fetch("SELECT payload FROM notification_log WHERE channel = 'sms'")
    assert [row["payload"]["failover_of"]["channel"] for row in rows].count("hook") >= 2


async def test_a_channel_that_works_does_not_fail_over(pool: asyncpg.Pool) -> None:
    """Problem and recovery reach the recipient, and no other."""
    alert = await add_alert(pool)
    await put(pool, alert, facts=FAILOVER)
    mail, sms = Recorder(), Recorder()
    async with delivering(pool, {"mail": mail, "sms": sms}):
        await until_logged(pool, "sent")
        await put(pool, alert, kind="recovery", facts=FAILOVER, created_at=NOW + timedelta(minutes=1))
        await until_logged(pool, "sent", 2)
    assert sms.given == []


async def test_a_failover_is_declared_at_the_target_of_a_rule(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """It is stored with the rule; a channel that does not exist, and the same channel, are refused."""
    file, installed = tmp_path / "rules.yaml", installed_types()
    file.write_text(RULES)
    await apply(pool, read_provision([file], installed), installed, key=bytes(32), actor="test")
    (rule,) = await load_rules(pool)
    failover = rule.channels[0].failover
    assert failover is not None
    assert (failover.channel, failover.recipients) == ("other", ("boss",))
    file.write_text(RULES.replace("failover: {channel: other", "failover: {channel: nowhere"))
    with pytest.raises(ConfigError, match=r'failover\.channel: found "nowhere"'):
        await apply(pool, read_provision([file], installed), installed, key=bytes(32), actor="test")
    file.write_text(RULES.replace("failover: {channel: other", "failover: {channel: hook"))
    with pytest.raises(ConfigError, match="another channel in failover"):
        read_provision([file], installed)
