"""The oracle: reads PostgreSQL itself and compares it with what the devices know."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import asyncpg

from opsconductor.model.enums import HistoryAction, Status
from tests.soak.laws import (
    Row,
    Step,
    counted,
    wrong_with_count,
    wrong_with_notifications,
    wrong_with_state,
    wrong_with_story,
)
from tests.soak.load import NOTIFIED_DEVICES, Load
from tests.soak.postgres import Postgres, connect
from tests.soak.receiver import Receiver
from tests.soak.record import Subject

CHUNK = 5_000
TIMEOUT_S = 20.0
AGAIN_S = 0.5

ROWS = """
SELECT a.fingerprint, a.id::text AS id, a.status, a.occurrence_count,
       (SELECT array_agg(ARRAY[h.action, h.old_status, h.new_status] ORDER BY h.created_at, h.id)
          FROM alert_history h WHERE h.alert_id = a.id) AS story
FROM alerts a WHERE a.fingerprint = ANY($1)
"""
TWO_OPEN = """
SELECT fingerprint FROM alerts WHERE status IN ('active', 'acknowledged', 'suppressed')
GROUP BY fingerprint HAVING count(*) > 1
"""
WAITING = "SELECT count(*) FROM notification_outbox"
SENT = "SELECT id::text FROM notification_log WHERE status = 'sent'"
NOTIFIED_ALERTS = "SELECT id::text AS id, fingerprint FROM alerts WHERE device_ip = ANY($1)"
GAPS = """
SELECT connector, reason, sum(amount) AS amount FROM loss_ledger
WHERE stage = 'gap' GROUP BY connector, reason, run_id HAVING sum(amount) <> 0
"""


@dataclass(slots=True)
class Verdict:
    """The findings.

    Attributes:
        faults: Laws that are broken, in words.
        found: Acknowledged reports of problems that an alert counts.
        lost: Those that none counts, by fingerprint.
        twice: Reports counted again because they were sent again, by fingerprint.
        traps_found: Plain traps that an alert counts.
        received: Notifications that came at all.
        received_twice: Notifications that came more than once under one id.
    """

    faults: list[str] = field(default_factory=list)
    found: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    twice: dict[str, int] = field(default_factory=dict)
    traps_found: int = 0
    received: int = 0
    received_twice: int = 0

    def blame(self, text: str) -> None:
        """Note a broken law once."""
        if text not in self.faults:
            self.faults.append(text)


class Oracle:
    """Judges after each fault what was sent since the last time, and at the end everything.

    Attributes:
        is_clock_wrong: The daemon's clock has jumped, so that times say nothing about order.
    """

    def __init__(self, postgres: Postgres, load: Load) -> None:
        self.verdict = Verdict()
        self.is_clock_wrong = False
        self._postgres = postgres
        self._load = load
        self._blamed: set[str] = set()

    async def look(self) -> None:
        """Judge everything that was reported on since the last look."""
        touched = list(self._load.touched)
        self._load.touched.clear()
        await self._judge(touched)

    async def look_at_all(self) -> None:
        """Judge everything once more, traps included; nothing is under way any more."""
        self._load.touched.clear()
        await self._judge(list(self._load.subjects), is_end=True)

    async def look_at_notifications(self, receiver: Receiver) -> None:
        """Compare the sent notifications with the expected ones; the outbox should be empty by now."""
        connection = await connect(self._postgres)
        try:
            waiting = await connection.fetchval(WAITING)
            sent = [row["id"] for row in await connection.fetch(SENT)]
            alerts = await connection.fetch(NOTIFIED_ALERTS, NOTIFIED_DEVICES)
        finally:
            await connection.close()
        if waiting:
            self.verdict.blame(f"{waiting} notifications were never delivered")
        for identifier in set(sent).difference(receiver.received):
            self.verdict.blame(f"notification {identifier} is logged as sent, but was not received")
        self.verdict.received = len(receiver.received)
        self.verdict.received_twice = sum(amount > 1 for amount in receiver.received.values())
        self._judge_notifications({row["id"]: row["fingerprint"] for row in alerts}, receiver)

    async def look_at_ledger(self) -> None:
        """Find the sums that do not add up."""
        connection = await connect(self._postgres)
        try:
            for row in await connection.fetch(GAPS):
                self.verdict.blame(f"ledger: {row['amount']} of {row['connector']} missing: {row['reason']}")
        finally:
            await connection.close()

    async def _judge(self, fingerprints: Sequence[str], *, is_end: bool = False) -> None:
        """Judge some subjects; failures are judged again for a while, since PostgreSQL may lag."""
        deadline = time.monotonic() + TIMEOUT_S
        complaints = await self._complaints(fingerprints, is_end=is_end)
        while not self._blamed.issuperset(complaints) and time.monotonic() < deadline:
            await asyncio.sleep(AGAIN_S)
            complaints = await self._complaints(list(complaints))
        for name, texts in complaints.items():
            self._blamed.add(name)
            for text in texts:
                self.verdict.blame(f"{self._named(name)}: {text}")

    async def _complaints(self, fingerprints: Sequence[str], *, is_end: bool = False) -> dict[str, list[str]]:
        # what is acknowledged from here on need not be in what is read
        before = {name: replace(self._load.subjects[name]) for name in fingerprints}
        complaints: dict[str, list[str]] = {}
        connection = await connect(self._postgres)
        try:
            for row in await connection.fetch(TWO_OPEN):
                complaints[row["fingerprint"]] = ["two open alerts"]
            for chunk in _chunks(fingerprints):
                found: dict[str, list[Row]] = {name: [] for name in chunk}
                for row in await connection.fetch(ROWS, chunk):
                    found[row["fingerprint"]].append(_row(row))
                for name, rows in found.items():
                    self._count(before[name], rows, is_end=is_end)
                    if texts := self._wrong_with(before[name], rows):
                        complaints.setdefault(name, []).extend(texts)
        finally:
            await connection.close()
        return complaints

    def _count(self, subject: Subject, rows: Sequence[Row], *, is_end: bool) -> None:
        count, name = counted(rows), subject.fingerprint
        self.verdict.lost.pop(name, None)
        if count < subject.acknowledged:
            self.verdict.lost[name] = subject.acknowledged - count
        if subject.is_own and count > 1:
            self.verdict.twice[name] = count - 1
        if is_end:
            self.verdict.traps_found += subject.is_trap and count > 0
            self.verdict.found += min(count, subject.acknowledged)

    def _wrong_with(self, subject: Subject, rows: Sequence[Row]) -> list[str]:
        datagrams = self._load.subjects[subject.fingerprint].datagrams
        texts = wrong_with_count(subject, rows, datagrams) + wrong_with_state(subject, rows)
        for row in rows:
            texts += wrong_with_story(row, is_clock_wrong=self.is_clock_wrong)
        return texts

    def _judge_notifications(self, fingerprints: dict[str, str], receiver: Receiver) -> None:
        received: dict[str, Counter[str]] = {}
        for alert_id, notifications in receiver.first_of.items():
            fingerprint = fingerprints.get(alert_id, "")
            received.setdefault(fingerprint, Counter()).update(kind for kind, _ in notifications)
        for name, subject in self._load.subjects.items():
            if subject.device in NOTIFIED_DEVICES and subject.is_own and not subject.is_trap:
                for text in wrong_with_notifications(subject, received.get(name, Counter())):
                    self.verdict.blame(f"{self._named(name)}: {text}")

    def _named(self, fingerprint: str) -> str:
        subject = self._load.subjects.get(fingerprint)
        return f"{subject.device} {subject.resource}" if subject else fingerprint


def _row(row: asyncpg.Record) -> Row:
    story = [
        Step(HistoryAction(action), Status(old) if old else None, Status(new))
        for action, old, new in row["story"] or ()
    ]
    return Row(id=row["id"], status=Status(row["status"]), count=row["occurrence_count"], story=story)


def _chunks(names: Iterable[str]) -> Iterable[list[str]]:
    left = iter(names)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
