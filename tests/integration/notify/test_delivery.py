"""The outbox worker on a real PostgreSQL: at least once and in order."""

import asyncio
import logging
from datetime import timedelta

import asyncpg
import pytest
from aiohttp import web

from opsconductor.errors import Rejected, Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.enums import ConnectorStatus
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.settings import DeliverySettings
from opsconductor.notify.worker import deliver_forever
from opsconductor.store.notifications.outbox import NEVER_NOTIFIED
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.support.notify.delivering import QUICK, Recorder, delivering, failing, no_outage, until_logged
from tests.support.notify.hook_server import Hook, hooked, posting
from tests.support.store.outbox_rows import NOW, add_alert, put


async def test_a_notification_is_rendered_sent_and_logged(pool: asyncpg.Pool) -> None:
    """From the row of the outbox to the log, with the texts that the templates make."""
    key = await put(pool, await add_alert(pool))
    mail = Recorder()
    async with delivering(pool, {"mail": mail}) as reports:
        [row] = await until_logged(pool, "sent")
    [given] = mail.given
    assert (given.id, given.attempt, given.recipient) == (key, 1, "noc@example.net")
    assert given.subject == "[ALERT] Link Down"
    assert "Link Down" in given.text
    assert "Link Down" in given.html
    text = row["payload"].pop("text")
    assert text.startswith("[ALERT] Link Down\n\nA new problem.")
    assert row["payload"] == {"rule": "all", "subject": "[ALERT] Link Down", "receipt": "taken"}
    assert reports == [("mail", ConnectorStatus.CONNECTED, None)]


async def test_two_workers_send_nothing_twice(database_url: str, pool: asyncpg.Pool) -> None:
    """Two daemons on one outbox of 100 notifications: each is sent exactly once."""
    keys = {await put(pool, await add_alert(pool)) for _ in range(100)}
    other_pool = await open_pool(database_url, 2)
    mail = Recorder()
    async with delivering(pool, {"mail": mail}), delivering(other_pool, {"mail": mail}):
        await until_logged(pool, "sent", 100)
    await close_pool(other_pool)
    assert len(mail.ids) == 100
    assert set(mail.ids) == keys


async def test_500_then_200_arrives_with_one_id(pool: asyncpg.Pool) -> None:
    """Over a real webhook: the first attempt fails, the second brings the same id, the log says sent."""
    key = await put(pool, await add_alert(pool), channel="hook")
    hook = Hook(answers=[web.Response(status=500), web.Response(status=200)])
    async with hooked(hook) as port, posting(port) as channel, delivering(pool, {"hook": channel}):
        [row] = await until_logged(pool, "sent")
    assert [request.headers["Idempotency-Key"] for request in hook.requests] == [str(key)] * 2
    assert (row["attempts"], row["error_message"]) == (2, None)


async def test_recovery_waits_for_its_problem(pool: asyncpg.Pool) -> None:
    """While the problem is being repeated its recovery waits; then both arrive in order."""
    alert_id = await add_alert(pool)
    problem = await put(pool, alert_id)
    recovery = await put(pool, alert_id, kind="recovery")
    mail = failing(Unreachable("busy"), Unreachable("busy"))
    async with delivering(pool, {"mail": mail}):
        await until_logged(pool, "sent", 2)
    assert mail.ids == [problem, problem, problem, recovery]


async def test_recovery_of_a_dead_letter_is_not_sent(pool: asyncpg.Pool) -> None:
    """The problem never reached the recipient, so its end is only recorded in the log."""
    alert_id = await add_alert(pool)
    problem = await put(pool, alert_id)
    recovery = await put(pool, alert_id, kind="recovery", created_at=NOW + timedelta(minutes=1))
    mail = failing(Rejected("550 no such user"))
    async with delivering(pool, {"mail": mail}):
        rows = await until_logged(pool, "failed", 2)
    assert mail.ids == [problem]
    assert [(row["id"], row["error_message"]) for row in rows] == [
        (problem, "550 no such user"),
        (recovery, NEVER_NOTIFIED),
    ]


async def test_a_refusal_is_a_dead_letter_at_once(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """Rejected is not tried again; log table and log file show who missed what and why."""
    await put(pool, await add_alert(pool))
    async with delivering(pool, {"mail": failing(Rejected("550 no such user"))}) as reports:
        [row] = await until_logged(pool, "failed")
    assert (row["attempts"], row["payload"]["facts"]) == (1, {"title": "Link Down"})
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "notification is given up"
    assert record.__dict__["recipient"] == "noc@example.net"
    assert reports == [("mail", ConnectorStatus.CONNECTED, None)]


async def test_a_message_too_old_is_a_dead_letter(pool: asyncpg.Pool) -> None:
    """After its time a message that still fails is given up; the log has its age and the reason."""
    await put(pool, await add_alert(pool))
    patient = Backoff(first=timedelta(0), give_up_after=timedelta(hours=24))
    settings = DeliverySettings(poll_every=QUICK.poll_every, retry=patient)
    async with delivering(pool, {"mail": failing(Unreachable("refused"))}, settings):
        [row] = await until_logged(pool, "failed")
    assert "given up after" in row["error_message"]
    assert row["error_message"].endswith("refused")


async def test_a_wake_up_is_enough(pool: asyncpg.Pool) -> None:
    """With a poll once an hour a notification goes out as soon as the worker is woken."""
    wake, mail = asyncio.Event(), Recorder()
    settings = DeliverySettings(poll_every=timedelta(hours=1))
    worker = asyncio.create_task(
        deliver_forever(pool, NotificationSender({"mail": mail}, settings), wake, no_outage())
    )
    alert_id = await add_alert(pool)
    for kind in ("problem", "worse", "recovery"):
        await put(pool, alert_id, kind=kind)
    wake.set()
    await until_logged(pool, "sent", 3)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert [given.kind for given in mail.given] == ["problem", "worse", "recovery"]
