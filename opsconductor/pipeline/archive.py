"""Sampling of raw events for the archive, so that a storm cannot fill the disk; the rest is counted.

Everything is kept as long as a sender, and all of them together, stay within their budget of the minute.
Beyond it only the latest event of each batch is kept for a sender, with the number of those left out;
if even that is too much, only a number. What is kept and what is counted always add up to what came.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from opsconductor.config.settings import ArchiveSettings
from opsconductor.connector.interface import Source
from opsconductor.engine.clock import BEGINNING
from opsconductor.guard import guarded
from opsconductor.ledger.ledger import Key
from opsconductor.limits import Rate, TokenBucket
from opsconductor.model.construct import constructor_of
from opsconductor.model.event import ArchivedEvent, RawEvent
from opsconductor.model.ids import time_ordered_id, uuid_of
from opsconductor.pipeline.slicing import CooperativeYield

MOST_SENDERS = 20_000
"""Maximum number of senders distinguished within a minute: the addresses of a flood may be forged."""

SLICE = 100
"""Number of rows created in one slice: about half a millisecond."""

KIB_BITS = 10
OTHERS = "*"
"""No address: the senders beyond the maximum."""

_archived = constructor_of(ArchivedEvent)


class ArchivedBatch(NamedTuple):
    """Archive rows of a batch.

    Attributes:
        rows: For `raw_events`; together they represent all events of the batch.
        failed: The latest event and error by connector, of those whose `redacted` has failed.
        counts: For the ledger.
    """

    rows: tuple[ArchivedEvent, ...] = ()
    failed: Mapping[str, tuple[RawEvent, Exception]] = MappingProxyType({})
    counts: Mapping[Key, int] = MappingProxyType({})


class ArchiveSample(NamedTuple):
    """A decision of the sampler.

    Attributes:
        position: Of the event in its batch.
        is_kept: False: only counted.
        left_out: Number of further events that it represents; of all if it is not kept.
    """

    position: int
    is_kept: bool
    left_out: int


class ArchiveShare:
    """Remaining budget of a sender in this minute, and what was left out of the present batch."""

    __slots__ = ("is_one", "latest", "left", "left_out")

    def __init__(self, left: int, *, is_one: bool) -> None:
        self.left = left
        self.left_out = 0
        self.latest = 0
        self.is_one = is_one


class Sampler:
    """Enforces the budgets; remembers no sender for longer than a minute."""

    def __init__(self, settings: ArchiveSettings) -> None:
        self._per_sender = settings.per_sender_per_minute
        self._per_minute = settings.per_minute
        self._rate = Rate(settings.per_minute / 60, settings.per_minute)
        self._bucket = TokenBucket(self._rate, 0.0)
        self._left = 0
        self._minute = BEGINNING
        self._senders: dict[tuple[str, str], ArchiveShare] = {}

    def __len__(self) -> int:
        """Return the number of known senders."""
        return len(self._senders)

    def sample(self, batch: Sequence[RawEvent], now: datetime) -> list[ArchiveSample]:
        """Choose from the events of a batch, in order; the samples account for all of them."""
        self._refill(now)
        find, samples = self._senders.get, []
        stormy: list[ArchiveShare] = []
        for position, event in enumerate(batch):
            name = (event.connector, event.peer)
            sender = find(name) or self._meet(name)
            if sender.left > 0 and self._left > 0:
                self._pay(sender, event)
                samples.append(ArchiveSample(position, is_kept=True, left_out=0))
                continue
            if not sender.left_out:
                stormy.append(sender)
            sender.left_out += 1
            sender.latest = position
        return sorted([*samples, *self._summaries(batch, stormy)]) if stormy else samples

    def _summaries(self, batch: Sequence[RawEvent], stormy: Iterable[ArchiveShare]) -> list[ArchiveSample]:
        """Keep the latest event of each sender beyond its budget, or add its number to its connector's."""
        samples = []
        numbers: dict[str, ArchiveSample] = {}
        for sender in stormy:
            event, left_out, sender.left_out = batch[sender.latest], sender.left_out, 0
            if sender.is_one and self._left > 0:
                self._pay(sender, event)
                samples.append(ArchiveSample(sender.latest, is_kept=True, left_out=left_out - 1))
            else:
                known = numbers.get(event.connector, ArchiveSample(0, is_kept=False, left_out=0))
                numbers[event.connector] = ArchiveSample(
                    max(known.position, sender.latest), is_kept=False, left_out=known.left_out + left_out
                )
        return [*samples, *numbers.values()]

    def _pay(self, sender: ArchiveShare, event: RawEvent) -> None:
        cost = 1 + (len(event.payload) >> KIB_BITS)
        sender.left -= cost
        self._left -= cost
        self._bucket.take(cost)

    def _meet(self, name: tuple[str, str]) -> ArchiveShare:
        if len(self._senders) < MOST_SENDERS:
            sender = self._senders[name] = ArchiveShare(self._per_sender, is_one=True)
            return sender
        shared = self._senders.get((name[0], OTHERS))
        if shared is None:
            shared = self._senders[name[0], OTHERS] = ArchiveShare(self._per_minute, is_one=False)
        return shared

    def _refill(self, now: datetime) -> None:
        """Refill the common budget for the time since the last batch, and start new minutes of senders."""
        self._left = self._bucket.available(self._rate, now.timestamp())
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._senders.clear()


class Archive:
    """Converts batches to rows of `raw_events`."""

    def __init__(self, settings: ArchiveSettings) -> None:
        self._sampler = Sampler(settings)
        self._is_enabled = settings.enabled
        self._last_id = 0

    async def keep(
        self, batch: Sequence[RawEvent], sources: Mapping[str, Source], now: datetime, pace: CooperativeYield
    ) -> ArchivedBatch:
        """Choose what is archived of a batch, redacted by its sources.

        Of an event on which its source fails, only the number is kept.
        """
        if not self._is_enabled:
            return ArchivedBatch()
        rows: list[ArchivedEvent] = []
        failures: list[tuple[RawEvent, Exception]] = []
        samples = self._sampler.sample(batch, now)
        await pace.rest()
        for start in range(0, len(samples), SLICE):
            for sample in samples[start : start + SLICE]:
                event = batch[sample.position]
                payload = _payload(event, sources, failures) if sample.is_kept else None
                rows.append(self._row(event, sample, payload))
            await pace.rest()
        failed = {event.connector: (event, error) for event, error in failures}
        return ArchivedBatch(tuple(rows), failed, _counts(rows, failures))

    def _row(self, event: RawEvent, sample: ArchiveSample, payload: bytes | None) -> ArchivedEvent:
        new_id = self._next_id(event.received_at)
        if payload is None:
            left_out = sample.left_out + sample.is_kept
            return ArchivedEvent(
                id=new_id, connector=event.connector, received_at=event.received_at, sampled_count=left_out
            )
        return _archived(
            id=new_id,
            connector=event.connector,
            received_at=event.received_at,
            peer=event.peer,
            local=event.local,
            payload=payload,
            sampled_count=sample.left_out,
        )

    def _next_id(self, at: datetime) -> UUID:
        """Return an id larger than every one before, so that the order is kept within a millisecond."""
        self._last_id = max(time_ordered_id(at).int, self._last_id + 1)
        return uuid_of(self._last_id)


def _payload(
    event: RawEvent, sources: Mapping[str, Source], failures: list[tuple[RawEvent, Exception]]
) -> bytes | None:
    """Return the redacted payload of an event; None: its source fails on it, which is recorded."""
    with guarded() as redacting:
        return bytes(sources[event.connector].redacted(event))
    assert redacting.error is not None
    failures.append((event, redacting.error))
    return None


def _counts(rows: Iterable[ArchivedEvent], failures: Iterable[tuple[RawEvent, Exception]]) -> Counter[Key]:
    """Count by connector what is kept, what is only counted, and where `redacted` failed."""
    counts: Counter[Key] = Counter()
    for row in rows:
        counts[Key(row.connector, "archived")] += row.payload is not None
        counts[Key(row.connector, "sampled")] += row.sampled_count
    for event, error in failures:
        counts[Key(event.connector, "sampled")] -= 1
        counts[Key(event.connector, "unarchived", type(error).__name__)] += 1
    return +counts
