"""Bounded queue of measured values between sources and the writer."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsconductor import metrics
from opsconductor.errors import StoreUnavailable, Unanswered
from opsconductor.limits import BoundedMap
from opsconductor.model.measured.measurement import Measurement

RECEIVED, STORED, DROPPED, REPEATED, GIVEN_UP = "received", "stored", "dropped", "repeated", "given_up"
"""Outcomes of points beside the reasons of `resolving.REASONS`; given up: the sender was asked to repeat."""
MOST_WAITING_POSTS = 2_000
MOST_LIMITED = 100
LIMITED_FOR_S = 3600.0
TOO_MANY_WAIT = "too many values wait to be stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOutcome:
    """Outcome of the points of a post, after the commit.

    Attributes:
        repeated: Points, or all of a batch, whose id was used before.
        refused: Reasons by position of the point.
    """

    accepted: int
    repeated: int = 0
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """Points of one source that wait to be written.

    Attributes:
        source: Connector, `api:NAME` or `upload:NAME`.
        batch_id: Id that the sender gave to all of them; empty: none.
        ids: Those of the points, as many as there are; empty: none.
        done: Gets the outcome; None: no caller waits.
    """

    measurements: Sequence[Measurement]
    source: str
    batch_id: str = ""
    ids: Sequence[str] = ()
    done: "asyncio.Future[WriteOutcome] | None" = None


class SeriesIntake:
    """Takes measured values from sources; the writer empties it about every second.

    Args of the constructor:
        most_points: Points that wait at most.

    Attributes:
        counts: Points by outcome since the start of the daemon.
    """

    def __init__(self, most_points: int) -> None:
        self._most_points = most_points
        self._offers: deque[Offer] = deque()
        self._points = 0
        self._posts = 0
        self._posted = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self._limited: BoundedMap[str, tuple[float, int]] = BoundedMap(MOST_LIMITED)

    @property
    def waiting(self) -> int:
        """Number of points that wait."""
        return self._points

    def count(self, outcome: str, amount: int) -> None:
        """Count points by outcome."""
        self.counts[outcome] += amount
        metrics.series_points.labels(outcome).inc(amount)

    def note_limited(self, source: str, amount: int) -> None:
        """Note that points were refused because their source has too many series."""
        _, before = self._limited.get(source, (0.0, 0))
        self._limited[source] = (time.monotonic(), before + amount)

    @property
    def limited(self) -> Mapping[str, int]:
        """Points refused because their source has too many series, by source; an hour after the last none."""
        now_s = time.monotonic()
        return {
            source: amount for source, (at_s, amount) in self._limited.items() if now_s - at_s < LIMITED_FOR_S
        }

    def put(self, measurements: Sequence[Measurement], source: str) -> None:
        """Take points of a source; never blocks. If the queue is full, the oldest are dropped and counted."""
        if not measurements:
            return
        self.count(RECEIVED, len(measurements))
        self._offers.append(Offer(measurements=measurements, source=source))
        self._points += len(measurements)
        self._shed()

    async def write(
        self, measurements: Sequence[Measurement], source: str, *, batch_id: str = "", ids: Sequence[str] = ()
    ) -> WriteOutcome:
        """Take points and wait until they are durable.

        Args:
            batch_id: Id of all of them; the same id of a source within two days is counted once.
            ids: Those of the points, likewise, as many as there are points; empty texts: none.

        Raises:
            StoreUnavailable: PostgreSQL is away, or `Unanswered`: it is slow, or too many points wait.
        """
        if not measurements:
            return WriteOutcome(accepted=0)
        if self._posts >= MOST_WAITING_POSTS or self._points + len(measurements) > self._most_points:
            raise Unanswered(TOO_MANY_WAIT)
        done: asyncio.Future[WriteOutcome] = asyncio.get_running_loop().create_future()
        offer = Offer(measurements=measurements, source=source, batch_id=batch_id, ids=ids, done=done)
        self.count(RECEIVED, len(measurements))
        self._offers.append(offer)
        self._points += len(measurements)
        self._posts += 1
        self._posted.set()
        try:
            return await done
        finally:
            self._posts -= 1

    async def until_due(self, within_s: float) -> None:
        """Wait until a post waits, or for this time."""
        try:
            async with asyncio.timeout(within_s):
                await self._posted.wait()
        except TimeoutError:
            return

    def take(self, most_points: int) -> list[Offer]:
        """Remove and return the oldest offers, up to about this many points."""
        taken: list[Offer] = []
        amount = 0
        while self._offers and amount < most_points:
            offer = self._offers.popleft()
            if offer.done is None or not offer.done.done():
                taken.append(offer)
                amount += len(offer.measurements)
            self._points -= len(offer.measurements)
        if not any(offer.done is not None for offer in self._offers):
            self._posted.clear()
        return taken

    def give_back(self, offers: Sequence[Offer], error: StoreUnavailable) -> None:
        """Put offers back that could not be written; those for which a sender waits are given up."""
        for offer in reversed(offers):
            if offer.done is None:
                self._offers.appendleft(offer)
                self._points += len(offer.measurements)
            elif not offer.done.done():
                offer.done.set_exception(type(error)(str(error)))
                self.count(GIVEN_UP, len(offer.measurements))
        self._shed()

    def _shed(self) -> None:
        """Drop the oldest points that no caller waits for, down to the bound."""
        while self._points > self._most_points and self._offers:
            offer = self._offers.popleft()
            self._points -= len(offer.measurements)
            self.count(DROPPED, len(offer.measurements))
            if offer.done is not None and not offer.done.done():
                offer.done.set_exception(Unanswered(TOO_MANY_WAIT))
