"""The outbox worker when channels hang, fail or are missing, when it stops, and without PostgreSQL."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from aiohttp import web

from opsconductor.connector.interface import Channel
from opsconductor.errors import Unreachable
from opsconductor.limits import Backoff
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.notifications.notification import Notification
from opsconductor.notify.channel_health import DOWN_AFTER
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.settings import RETRY, DeliverySettings
from opsconductor.notify.worker import OutboxWorker, deliver_forever
from opsconductor.store.notifications.outbox import Room, claim
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.support.notify.delivering import QUICK, Recorder, delivering, failing, no_outage, until_logged
from tests.support.notify.hook_server import Hook, hooked, posting
from tests.support.store.outbox_rows import add_alert, put

FOREVER = timedelta(days=36_500)


async def test_a_dead_workers_claim_is_sent_by_the_next(pool: asyncpg.Pool) -> None:
    """A message claimed by a worker that died is sent with the same id once the lease ends."""
    key = await put(pool, await add_alert(pool))
    await claim(pool, {}, otherwise=Room(slots=1, retries=1), lease=timedelta(milliseconds=100))
    mail = Recorder()
    async with delivering(pool, {"mail": mail}):
        await until_logged(pool, "sent")
    assert [(given.id, given.attempt) for given in mail.given] == [(key, 2)]


async def test_a_hanging_channel_delays_no_other(pool: asyncpg.Pool) -> None:
    """50 messages for a channel that never answers wait; those of another arrive meanwhile."""
    for _ in range(50):
        await put(pool, await add_alert(pool), channel="dead")
    forever = asyncio.Event()
    dead = Recorder(lambda _: forever.wait())
    mail = Recorder()
    patient = DeliverySettings(
        poll_every=QUICK.poll_every, send_timeout=timedelta(seconds=60), finish_within=timedelta(0)
    )
    async with delivering(pool, {"dead": dead, "mail": mail}, patient):
        for _ in range(20):
            await put(pool, await add_alert(pool))
        await until_logged(pool, "sent", 20)
    assert len(mail.given) == 20
    assert len(dead.given) == patient.slots


async def test_no_answer_in_time_is_tried_again(pool: asyncpg.Pool) -> None:
    """A channel without a timeout of its own is stopped by the worker's."""
    await put(pool, await add_alert(pool))
    hangs = [True]

    async def act(_: Notification) -> None:
        if hangs:
            hangs.clear()
            await asyncio.Event().wait()

    settings = DeliverySettings(
        poll_every=QUICK.poll_every, send_timeout=timedelta(milliseconds=50), retry=QUICK.retry
    )
    mail = Recorder(act)
    async with delivering(pool, {"mail": mail}, settings):
        [row] = await until_logged(pool, "sent")
    assert row["attempts"] == len(mail.given) == 2


async def test_a_bug_in_a_channel_costs_an_attempt_and_one_traceback(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """An unforeseen exception is named in the log table, logged once, and the worker goes on."""
    await put(pool, await add_alert(pool))
    mail = failing(KeyError("oops"), KeyError("oops"))
    settings = DeliverySettings(poll_every=QUICK.poll_every, retry=QUICK.retry)
    async with delivering(pool, {"mail": mail}, settings):
        [row] = await until_logged(pool, "sent")
    assert row["attempts"] == 3
    faults = [record for record in caplog.records if record.exc_info]
    assert [record.getMessage() for record in faults] == ["channel has a fault"]


async def test_a_channel_is_logged_once_down_and_once_back(
    pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """However many attempts fail, there is one line and one report for each change of state."""
    caplog.set_level(logging.INFO)
    await put(pool, await add_alert(pool))
    mail = failing(*[Unreachable("refused")] * 8)
    async with delivering(pool, {"mail": mail}) as reports:
        await until_logged(pool, "sent")
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("opsconductor")]
    assert logged == ["channel is down, trying again", "channel is back"]
    assert reports == [
        ("mail", ConnectorStatus.ERROR, "refused"),
        ("mail", ConnectorStatus.CONNECTED, None),
    ]


async def test_an_unknown_channel_is_named_and_may_come_later(pool: asyncpg.Pool) -> None:
    """A rule with a channel that does not exist: the log says so until the channel is added."""
    await put(pool, await add_alert(pool), channel="nok-mail")
    channels: dict[str, Channel] = {}
    async with delivering(pool, channels):
        [row] = await until_logged(pool, "pending")
        channels["nok-mail"] = Recorder()
        await until_logged(pool, "sent")
    assert row["error_message"] == "no channel named 'nok-mail' is configured and enabled"


async def test_a_stop_lets_messages_on_their_way_arrive(pool: asyncpg.Pool) -> None:
    """When the daemon stops, a message that arrives shortly after is recorded as sent."""
    await put(pool, await add_alert(pool))
    on_its_way, may_arrive = asyncio.Event(), asyncio.Event()

    async def act(_: Notification) -> None:
        on_its_way.set()
        await may_arrive.wait()

    settings = DeliverySettings(finish_within=timedelta(seconds=10))
    worker = asyncio.create_task(
        deliver_forever(
            pool, NotificationSender({"mail": Recorder(act)}, settings), asyncio.Event(), no_outage()
        )
    )
    await on_its_way.wait()
    worker.cancel()
    may_arrive.set()
    with pytest.raises(asyncio.CancelledError):
        await worker
    await until_logged(pool, "sent")


async def test_a_stop_gives_back_what_does_not_arrive(pool: asyncpg.Pool) -> None:
    """A message that hangs when the daemon stops is due again at once, and the attempt does not count."""
    key = await put(pool, await add_alert(pool))
    on_its_way = asyncio.Event()

    async def act(_: Notification) -> None:
        on_its_way.set()
        await asyncio.Event().wait()

    async with delivering(pool, {"mail": Recorder(act)}):
        await on_its_way.wait()
    mail = Recorder()
    async with delivering(pool, {"mail": mail}):
        await until_logged(pool, "sent")
    assert [(given.id, given.attempt) for given in mail.given] == [(key, 1)]


async def test_an_outcome_is_kept_while_the_database_is_away(
    pool: asyncpg.Pool, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Sent while PostgreSQL goes away: not sent again, and recorded when it is back."""
    caplog.set_level(logging.INFO)
    key = await put(pool, await add_alert(pool))
    mail = Recorder()
    own = await open_pool(database_url, 1)
    sender = NotificationSender({"mail": mail}, QUICK, None)
    courier = OutboxWorker(own, sender, wake=asyncio.Event(), outage=no_outage())
    await courier.turn()
    await pool.execute("ALTER TABLE notification_log RENAME TO notification_log_away")
    await courier.turn()
    await courier.turn()
    await pool.execute("ALTER TABLE notification_log_away RENAME TO notification_log")
    await courier.turn()
    await close_pool(own)
    assert mail.ids == [key]
    assert (await until_logged(pool, "sent"))[0]["id"] == key
    assert [record.getMessage() for record in caplog.records if record.name.endswith("worker")] == [
        "outbox cannot be reached, trying again",
        "outbox is back",
    ]


async def test_a_wait_that_one_answer_asks_for_has_a_limit(pool: asyncpg.Pool) -> None:
    """One 503 with Retry-After: 3600 holds the channel for as long as the settings allow, and no message."""
    keys = [await put(pool, await add_alert(pool), channel="hook", severity="critical")]
    refusal = web.Response(status=503, headers={"Retry-After": "3600"})
    hook = Hook(answers=[refusal, web.Response(status=204)])
    settings = replace(QUICK, longest_wait=timedelta(milliseconds=200))
    async with hooked(hook) as port, posting(port) as channel, delivering(pool, {"hook": channel}, settings):
        await until_logged(pool, "pending")
        keys += [await put(pool, await add_alert(pool), channel="hook", severity="major") for _ in range(3)]
        rows = await until_logged(pool, "sent", 4)
    assert {row["id"] for row in rows} == set(keys)


async def test_when_a_channel_is_back_everything_that_failed_is_due(pool: asyncpg.Pool) -> None:
    """Messages whose next attempt is an hour off arrive as soon as one gets through; each arrives once."""
    is_away = asyncio.Event()
    is_away.set()

    async def act(_: Notification) -> None:
        if is_away.is_set():
            raise Unreachable("refused")

    mail = Recorder(act)
    keys = {await put(pool, await add_alert(pool)) for _ in range(8)}
    settings = replace(
        QUICK, retry=Backoff(first=timedelta(hours=1), longest=timedelta(hours=1), give_up_after=FOREVER)
    )
    async with delivering(pool, {"mail": mail}, settings):
        await until_logged(pool, "pending", 3)
        is_away.clear()
        await put(pool, await add_alert(pool))
        await until_logged(pool, "sent", 9)
    assert keys < {row["id"] for row in await until_logged(pool, "sent", 9)}


async def test_messages_that_always_fail_do_not_hold_up_another(pool: asyncpg.Pool) -> None:
    """Six that are refused at every attempt make the channel look down; a new one is tried at once."""
    poison = {await put(pool, await add_alert(pool)) for _ in range(6)}

    async def act(given: Notification) -> None:
        if given.id in poison:
            raise Unreachable("HTTP 500", is_about_message=True)

    mail = Recorder(act)
    settings = replace(QUICK, probe=Backoff(first=timedelta(hours=1), longest=timedelta(hours=1)))
    async with delivering(pool, {"mail": mail}, settings) as reports:
        await until_logged(pool, "pending", DOWN_AFTER)
        key = await put(pool, await add_alert(pool))
        [row] = await until_logged(pool, "sent")
    assert row["id"] == key
    assert ("mail", ConnectorStatus.ERROR, "HTTP 500") in reports


async def test_a_critical_overtakes_a_long_queue(pool: asyncpg.Pool) -> None:
    """500 majors wait when a critical comes: it is the next to be sent."""
    for _ in range(500):
        await put(pool, await add_alert(pool), severity="major")
    sent_first = asyncio.Event()
    mail = Recorder(lambda _: asyncio.sleep(0) if sent_first.is_set() else sent_first.wait())
    async with delivering(pool, {"mail": mail}):
        while len(mail.given) < QUICK.slots:
            await asyncio.sleep(0.01)
        key = await put(pool, await add_alert(pool), severity="critical")
        sent_first.set()
        while key not in mail.ids:
            await asyncio.sleep(0.01)
    assert mail.ids.index(key) <= QUICK.slots


async def test_after_an_hour_without_its_server_a_channel_delivers_in_order(pool: asyncpg.Pool) -> None:
    """Messages that wait since an hour arrive when one gets through: in order for each fault, none is lost.

    The pauses between the attempts of a message are those of the product, of minutes by then.
    """
    is_away = asyncio.Event()
    is_away.set()

    async def act(_: Notification) -> None:
        if is_away.is_set():
            raise Unreachable("refused")

    mail, wanted = Recorder(act), {}
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for kinds in (("problem", "worse", "recovery"), ("problem", "flapping", "stable"), ("problem",)):
        alert = await add_alert(pool)
        wanted[alert] = list(kinds)
        for kind in kinds:
            await put(pool, alert, kind=kind, severity="major", created_at=hour_ago)
    await pool.execute("UPDATE notification_outbox SET attempts = 20")
    async with delivering(pool, {"mail": mail}, replace(QUICK, retry=RETRY)):
        await until_logged(pool, "pending", DOWN_AFTER)
        refused = len(mail.given)
        is_away.clear()
        await put(pool, await add_alert(pool), created_at=datetime.now(UTC))
        await until_logged(pool, "sent", 8)
    arrived = mail.given[refused:]
    order = {alert: [each.kind for each in arrived if each.alert_id == alert] for alert in wanted}
    assert order == wanted
    assert min(each.attempt for each in arrived if each.kind == "problem" and each.alert_id in wanted) > 20
    assert await pool.fetchval("SELECT count(*) FROM notification_log WHERE status <> 'sent'") == 0
