"""The outbox on a real PostgreSQL: claims, leases, order, the log."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from opsconductor.model.enums import NotificationKind
from opsconductor.store.notifications.outbox import (
    NEVER_NOTIFIED,
    Claimed,
    Room,
    claim,
    count_waiting,
    end_leases,
    hurry,
    promote,
)
from opsconductor.store.notifications.outcomes import GivenBack, Postponed, Sent, Undeliverable, conclude
from opsconductor.store.notifications.undelivered import read_undelivered
from tests.support.store.outbox_rows import NOW, add_alert, put

LEASE = timedelta(minutes=1)


def anything(slots: int) -> Room:
    """Make room for as many, whatever they are."""
    return Room(slots=slots, retries=slots)


MUCH = anything(1000)


@pytest.fixture
async def alert_id(pool: asyncpg.Pool) -> UUID:
    """Id of an alert to which the notifications of a test belong."""
    return await add_alert(pool)


async def take(pool: asyncpg.Pool, lease: timedelta = LEASE, **room: int) -> list[Claimed]:
    """Claim with much room in channels that are not named."""
    return await claim(
        pool, {name: anything(slots) for name, slots in room.items()}, otherwise=MUCH, lease=lease
    )


def sent(claimed: Claimed) -> Sent:
    """Make the outcome of a successful delivery."""
    return Sent(
        id=claimed.id,
        attempt=claimed.attempt,
        subject="[MAJOR] Link Down",
        detail="250 OK",
        sent_at=NOW,
        response_time=timedelta(milliseconds=12),
    )


def ids(claimed: Sequence[Claimed]) -> list[UUID]:
    """List the ids."""
    return [one.id for one in claimed]


async def logged(pool: asyncpg.Pool, key: UUID) -> asyncpg.Record:
    """Read the log's row of a notification; None when there is none."""
    return await pool.fetchrow("SELECT * FROM notification_log WHERE id = $1", key)


async def test_a_sent_message_moves_to_the_log_under_its_id(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """A delivered notification leaves the outbox; the log has when, how long, attempts and receipt."""
    key = await put(pool, alert_id)
    [claimed] = await take(pool)
    await conclude(pool, [sent(claimed)])
    row = await logged(pool, key)
    assert (row["status"], row["attempts"], row["response_time_ms"]) == ("sent", 1, 12)
    assert (row["sent_at"], row["created_at"], row["alert_id"]) == (NOW, NOW, alert_id)
    assert row["payload"] == {"rule": "all", "subject": "[MAJOR] Link Down", "receipt": "250 OK", "text": ""}
    assert await count_waiting(pool) == {}


async def test_the_claim_hands_over_the_whole_notification(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Everything that rendering and sending need comes with the claim."""
    key = await put(pool, alert_id, kind="worse")
    [claimed] = await take(pool)
    assert claimed == Claimed(
        id=key,
        alert_id=alert_id,
        rule_name="all",
        channel="mail",
        recipient="noc@example.net",
        kind=claimed.kind,
        facts={"title": "Link Down"},
        created_at=NOW,
        attempt=1,
    )
    assert claimed.kind == "worse"


async def test_workers_at_the_same_time_never_claim_the_same_row(pool: asyncpg.Pool) -> None:
    """Five workers that claim at once share 200 notifications without a single one twice."""
    keys = [await put(pool, await add_alert(pool)) for _ in range(200)]
    shares = await asyncio.gather(
        *(claim(pool, {"mail": anything(50)}, otherwise=MUCH, lease=LEASE) for _ in range(5))
    )
    rest = await take(pool)
    taken = [key for share in [*shares, rest] for key in ids(share)]
    assert sorted(taken) == sorted(keys)


async def test_a_lease_hides_a_row_until_it_ends(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Claims of a dead worker come back with the same id and the next attempt."""
    key = await put(pool, alert_id)
    await take(pool)
    assert await take(pool) == []
    await pool.execute("UPDATE notification_outbox SET next_attempt_at = now() - interval '1 ms'")
    [again] = await take(pool)
    assert (again.id, again.attempt) == (key, 2)


async def test_a_recovery_never_overtakes_its_problem(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Problem and recovery of the same instant go out one after the other, even if the first waits."""
    problem = await put(pool, alert_id)
    recovery = await put(pool, alert_id, kind="recovery")
    [first] = await take(pool)
    assert first.id == problem
    assert await take(pool) == []
    await conclude(pool, [Postponed(id=problem, attempt=1, error="HTTP 503", delay=timedelta(hours=1))])
    assert await take(pool) == []
    await pool.execute("UPDATE notification_outbox SET next_attempt_at = now() WHERE id = $1", problem)
    [again] = await take(pool)
    await conclude(pool, [sent(again)])
    [last] = await take(pool)
    assert (last.id, last.is_unheard) == (recovery, False)


async def test_other_recipients_and_alerts_are_not_held_up(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Order holds for one alert, channel and recipient; everything else goes out at the same time."""
    await put(pool, alert_id)
    await put(pool, alert_id, kind="recovery")
    others = [
        await put(pool, alert_id, recipient="boss@example.net"),
        await put(pool, alert_id, channel="hook"),
        await put(pool, await add_alert(pool)),
    ]
    assert set(others) < set(ids(await take(pool)))


async def test_room_is_kept_for_each_channel(pool: asyncpg.Pool) -> None:
    """A channel without room gives nothing, one with room its oldest, an unlisted one the given number."""
    keys: dict[str, list[UUID]] = {"full": [], "mail": [], "new": []}
    for channel, kept in keys.items():
        kept += [await put(pool, await add_alert(pool), channel=channel) for _ in range(4)]
    claimed = await claim(
        pool, {"full": anything(0), "mail": anything(2)}, otherwise=anything(1), lease=LEASE
    )
    assert ids(claimed) == [*keys["mail"][:2], keys["new"][0]]
    assert await count_waiting(pool) == {"full": 4, "mail": 4, "new": 4}


async def test_postponed_is_pending_in_the_log_with_the_reason(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """After a failed attempt the log says pending and why; success afterwards replaces that."""
    key = await put(pool, alert_id)
    [claimed] = await take(pool)
    await conclude(pool, [Postponed(id=key, attempt=1, error="connection refused", delay=timedelta(0))])
    row = await logged(pool, key)
    assert (row["status"], row["error_message"], row["attempts"]) == ("pending", "connection refused", 1)
    [claimed] = await take(pool)
    await conclude(pool, [sent(claimed)])
    row = await logged(pool, key)
    assert (row["status"], row["error_message"], row["attempts"]) == ("sent", None, 2)


async def test_given_up_is_failed_in_the_log_with_its_facts(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """A dead letter leaves the outbox; the log keeps the reason and everything needed to send it by hand."""
    key = await put(pool, alert_id)
    await take(pool)
    await conclude(pool, [Undeliverable(id=key, attempt=1, error="550 no such user")])
    row = await logged(pool, key)
    assert (row["status"], row["error_message"], row["sent_at"]) == ("failed", "550 no such user", None)
    assert row["payload"] == {"rule": "all", "facts": {"title": "Link Down"}}
    assert await count_waiting(pool) == {}


async def test_the_most_urgent_is_claimed_first(pool: asyncpg.Pool) -> None:
    """A critical that comes after many majors goes first; of equals the oldest."""
    severities = ["major", "minor", "major", "critical", "info", "critical"]
    keys = [await put(pool, await add_alert(pool), severity=severity) for severity in severities]
    order = [keys[number] for number in (3, 5, 0, 2, 1, 4)]
    assert ids(await take(pool, mail=2)) == order[:2]
    assert ids(await take(pool)) == order[2:]


async def test_a_message_before_a_critical_becomes_as_urgent(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """A problem of a minor that becomes critical must not hold the critical notice behind all majors."""
    await put(pool, await add_alert(pool), severity="major")
    first = await put(pool, alert_id, severity="minor")
    other = await put(pool, alert_id, severity="minor", recipient="boss@example.net")
    worse = await put(pool, alert_id, severity="critical", kind="worse")
    [claimed] = await take(pool, mail=1)
    assert claimed.id == first
    await conclude(pool, [sent(claimed)])
    rest = ids(await take(pool))
    assert rest[0] == worse
    assert rest[-1] == other


async def test_an_old_message_gets_its_turn(pool: asyncpg.Pool) -> None:
    """However many criticals come: the oldest of each channel becomes as urgent, one at a time."""
    old = [await put(pool, await add_alert(pool), severity="minor") for _ in range(2)]
    now = datetime.now(UTC)
    new = [await put(pool, await add_alert(pool), severity="critical", created_at=now) for _ in range(3)]
    await promote(pool, timedelta(minutes=10))
    claimed = await take(pool)
    assert ids(claimed) == [old[0], *new, old[1]]


async def test_room_for_retries_and_for_criticals_is_kept(pool: asyncpg.Pool) -> None:
    """Some slots are for untried messages; a channel that must wait is given criticals alone."""
    failed = [await put(pool, await add_alert(pool), severity="critical") for _ in range(3)]
    for each in await take(pool):
        await conclude(pool, [Postponed(id=each.id, attempt=1, error="x", delay=timedelta(0))])
    new = await put(pool, await add_alert(pool), severity="minor")
    room = {"mail": Room(slots=2, retries=1)}
    assert ids(await claim(pool, room, otherwise=MUCH, lease=LEASE)) == [failed[0], new]
    room = {"mail": Room(slots=9, retries=0)}
    assert await claim(pool, room, otherwise=MUCH, lease=LEASE) == []
    last = await put(pool, await add_alert(pool), severity="major")
    room = {"mail": Room(slots=9, retries=9, least_urgency=0)}
    assert ids(await claim(pool, room, otherwise=MUCH, lease=LEASE)) == failed[1:]
    assert ids(await take(pool)) == [last]


async def test_failed_messages_are_due_when_the_channel_works_again(pool: asyncpg.Pool) -> None:
    """Whatever pause it had; claims that are under way, and other channels, are left alone."""
    failed = await put(pool, await add_alert(pool))
    other = await put(pool, await add_alert(pool), channel="hook")
    pauses = [
        Postponed(id=each.id, attempt=1, error="HTTP 503", delay=timedelta(hours=1))
        for each in await take(pool)
    ]
    await conclude(pool, pauses)
    under_way = await put(pool, await add_alert(pool))
    assert ids(await take(pool)) == [under_way]
    await hurry(pool, ["mail"])
    assert ids(await take(pool)) == [failed]
    assert await count_waiting(pool) == {"hook": 1, "mail": 2}
    assert other


async def test_given_up_messages_are_known_until_the_recipient_is_reached(
    pool: asyncpg.Pool, alert_id: UUID
) -> None:
    """By channel: how many, how many recipients, the latest alert and reason; others do not hide it."""
    for recipient in ("a@example.net", "b@example.net"):
        await put(pool, alert_id, recipient=recipient)
    await put(pool, alert_id, recipient="c@example.net", facts={"alert_type": "itself"})
    failed = [Undeliverable(id=each.id, attempt=1, error="550 no such user") for each in await take(pool)]
    await conclude(pool, failed)
    (found,) = await read_undelivered(pool, timedelta(hours=1), "itself")
    assert (found.channel, found.amount, found.recipients) == ("mail", 2, 2)
    assert (found.title, found.error) == ("Link Down", "550 no such user")
    await put(pool, await add_alert(pool), recipient="a@example.net")
    await conclude(pool, [sent(each) for each in await take(pool)])
    (found,) = await read_undelivered(pool, timedelta(hours=1), "itself")
    assert (found.amount, found.recipients) == (1, 1)
    assert await read_undelivered(pool, timedelta(0), "itself") == ()


async def test_given_back_is_due_at_once_and_the_attempt_does_not_count(
    pool: asyncpg.Pool, alert_id: UUID
) -> None:
    """Unfinished messages of a stopping daemon are claimed by the next one without waiting."""
    key = await put(pool, alert_id)
    await take(pool)
    await conclude(pool, [GivenBack(id=key, attempt=1)])
    [again] = await take(pool)
    assert (again.id, again.attempt) == (key, 1)
    assert await logged(pool, key) is None


async def test_leases_of_a_dead_worker_end_and_pauses_do_not(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Claimed and unfinished ones are due at a new start; failed ones keep their pause."""
    failed = await put(pool, alert_id, recipient="a@example.net")
    (claimed,) = await take(pool)
    await conclude(pool, [Postponed(id=failed, attempt=claimed.attempt, error="x", delay=LEASE)])
    dead = await put(pool, alert_id, recipient="b@example.net")
    assert [each.id for each in await take(pool)] == [dead]
    await end_leases(pool)
    assert [(each.id, each.attempt) for each in await take(pool)] == [(dead, 2)]
    await end_leases(pool)
    assert [each.attempt for each in await take(pool)] == [3]


async def test_a_late_failure_does_not_disturb_the_next_claim(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Outcomes of a lease that ran out are ignored, so the present holder keeps his claim."""
    key = await put(pool, alert_id)
    await take(pool, timedelta(0))
    await take(pool)
    late = [
        Postponed(id=key, attempt=1, error="late", delay=timedelta(0)),
        Undeliverable(id=key, attempt=1, error="late"),
        GivenBack(id=key, attempt=1),
    ]
    await conclude(pool, late)
    assert await take(pool) == []
    assert await count_waiting(pool) == {"mail": 1}


async def test_a_late_success_counts(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """A sent message is sent, even if the lease ran out; the second holder changes nothing."""
    key = await put(pool, alert_id)
    [first] = await take(pool, timedelta(0))
    await take(pool)
    await conclude(pool, [sent(first)])
    await conclude(pool, [Undeliverable(id=key, attempt=2, error="duplicate refused")])
    assert (await logged(pool, key))["status"] == "sent"


async def test_a_recovery_of_an_unsent_problem_is_marked(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """When everything about the problem was given up, its recovery is marked as unheard."""
    problem = await put(pool, alert_id)
    await take(pool)
    await conclude(pool, [Undeliverable(id=problem, attempt=1, error="550")])
    await put(pool, alert_id, kind="recovery", created_at=NOW + timedelta(minutes=1))
    [recovery] = await take(pool)
    assert recovery.is_unheard
    await conclude(pool, [Undeliverable(id=recovery.id, attempt=1, error=NEVER_NOTIFIED)])
    # The same alert comes again, and this time the problem is delivered.
    await put(pool, alert_id, created_at=NOW + timedelta(minutes=2))
    [again] = await take(pool)
    await conclude(pool, [sent(again)])
    await put(pool, alert_id, kind="recovery", created_at=NOW + timedelta(minutes=3))
    [recovery] = await take(pool)
    assert not recovery.is_unheard


async def test_a_recovery_is_reported_when_any_notice_of_the_problem_was(
    pool: asyncpg.Pool, alert_id: UUID
) -> None:
    """The first notice was given up but the escalation arrived: the recovery is sent."""
    problem = await put(pool, alert_id)
    await take(pool)
    await conclude(pool, [Undeliverable(id=problem, attempt=1, error="550")])
    await put(pool, alert_id, kind="worse", created_at=NOW + timedelta(minutes=1))
    [worse] = await take(pool)
    await conclude(pool, [sent(worse)])
    await put(pool, alert_id, kind="recovery", created_at=NOW + timedelta(minutes=2))
    [recovery] = await take(pool)
    assert not recovery.is_unheard


async def test_outcomes_of_a_deleted_alert_are_dropped(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Retention may delete an alert while its notification is on the way; writing that down does no harm."""
    await put(pool, alert_id)
    [claimed] = await take(pool)
    await pool.execute("DELETE FROM notification_outbox WHERE alert_id = $1", alert_id)
    await pool.execute("DELETE FROM alerts WHERE id = $1", alert_id)
    await conclude(pool, [sent(claimed)])
    assert await logged(pool, claimed.id) is None


async def test_no_outcomes_need_no_database(pool: asyncpg.Pool) -> None:
    """Nothing to write is no statement: it works on a closed pool."""
    await pool.close()
    await conclude(pool, [])


async def test_a_long_queue_is_claimed_quickly(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """20,000 waiting recoveries behind postponed problems of a dead channel do not slow down the others."""
    await pool.execute(
        """INSERT INTO notification_outbox
               (alert_id, rule_name, channel, recipient, kind, facts, next_attempt_at)
           SELECT $1, 'all', 'dead', 'r' || n / 2, CASE n % 2 WHEN 0 THEN 'problem' ELSE 'recovery' END,
                  '{}', now() + CASE n % 2 WHEN 0 THEN interval '1 h' ELSE interval '0' END
           FROM generate_series(0, 39999) AS n""",
        alert_id,
    )
    key = await put(pool, alert_id, channel="mail")
    async with asyncio.timeout(2):
        assert ids(await take(pool)) == [key]


async def test_the_next_notification_gets_what_the_channel_kept(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """Metadata of the receipt comes with the next message about the alert to that recipient, and no other."""
    await put(pool, alert_id)
    [problem] = await take(pool)
    await conclude(pool, [replace(sent(problem), metadata={"ts": "12.34"})])
    assert (await logged(pool, problem.id))["metadata"] == {"ts": "12.34"}
    await put(pool, alert_id, kind="recovery", created_at=NOW + timedelta(seconds=1))
    await put(pool, alert_id, kind="worse", recipient="boss@example.net")
    by_kind = {each.kind: each for each in await take(pool)}
    assert by_kind[NotificationKind.RECOVERY].earlier == {"ts": "12.34"}
    assert by_kind[NotificationKind.WORSE].earlier == {}


async def test_a_summary_never_replaces_the_message_of_one_alert(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """A message about several alerts begins anew; what comes later follows the alert's own message."""
    for number, kind in enumerate(("problem", "summary", "worse")):
        await put(pool, alert_id, kind=kind, created_at=NOW + timedelta(seconds=number))
        [claimed] = await take(pool)
        assert claimed.earlier == ({"n": "problem"} if kind == "worse" else {})
        await conclude(pool, [replace(sent(claimed), metadata={"n": kind})])


async def test_nothing_of_an_ended_problem_is_handed_over(pool: asyncpg.Pool, alert_id: UUID) -> None:
    """An alert that is reopened begins a new thread."""
    for number, kind in enumerate(("problem", "recovery", "problem")):
        await put(pool, alert_id, kind=kind, created_at=NOW + timedelta(seconds=number))
        [claimed] = await take(pool)
        assert claimed.earlier == ({"n": "problem"} if kind == "recovery" else {})
        await conclude(pool, [replace(sent(claimed), metadata={"n": kind})])
