"""Sends points to the external store with remote write, in a task of its own, and reads them back."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from opsconductor import metrics
from opsconductor.config.sections.series import ExternalSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.http import failure_of
from opsconductor.connector.outgoing.web import WebAnswer, WebClient, WebOptions, basic_authorization
from opsconductor.connector.settings.duration import parse_duration
from opsconductor.errors import Rejected, Unreachable
from opsconductor.guard import guarded
from opsconductor.series.external.naming import is_written, labels_of
from opsconductor.series.external.queue import Piece, PointQueue
from opsconductor.series.external.reading import read_points
from opsconductor.series.feed import SeriesFeed
from opsconductor.series.formats.remote_write import LabelledSamples, Sample, compressed, encode
from opsconductor.series.points import Points, SeriesDescription
from opsconductor.series.query import WantedPoints

log = logging.getLogger(__name__)

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
WRITTEN, REFUSED, DROPPED, RETRIES = "written", "refused", "dropped", "retries"
HEADERS: Final = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

Describe = Callable[[int], SeriesDescription | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalFacts:
    """State of writing to the external store.

    Attributes:
        waiting: Points that wait to be sent, or are being sent.
        outcomes: Points by outcome since the start, and the number of `retries`.
        error: Why the last request failed; empty: it did not.
    """

    waiting: int
    outcomes: Mapping[str, int]
    error: str


class ExternalStore:
    """A Prometheus-compatible store beside ours; whether it works changes nothing for ours."""

    def __init__(self, settings: ExternalSettings, destinations: Destinations) -> None:
        self._settings = settings
        self._client = client_of(settings, destinations)
        self._queue = PointQueue(settings.queue_points)
        self._outcomes: Counter[str] = Counter()
        self._error = ""
        self._sending = 0

    @property
    def is_writing(self) -> bool:
        """Whether points are written to it."""
        return self._settings.write_url is not None

    @property
    def is_readable(self) -> bool:
        """Whether points can be read from it."""
        return self._settings.read_url is not None

    def facts(self) -> ExternalFacts:
        """Return the state of writing."""
        return ExternalFacts(waiting=self._waiting, outcomes=dict(self._outcomes), error=self._error)

    @property
    def _waiting(self) -> int:
        """Return the number of points that are not taken yet, with those of a request that is repeated."""
        return self._queue.waiting + self._sending

    async def points(self, series: SeriesDescription, wanted: WantedPoints) -> Points:
        """Return the points of a series as the external store has them.

        Raises:
            Unreachable: It does not answer, or not as expected.
            Rejected: It refuses the request.
        """
        return await read_points(self._client, str(self._settings.read_url), series, wanted)

    async def run(self, feed: SeriesFeed, describe: Describe) -> None:
        """Send new points until cancelled; what waits then is lost."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._collect(feed))
                tasks.create_task(self._send_all(describe))
        finally:
            if self._waiting:
                about = {"amount": self._waiting}
                log.warning("values that waited for the external store are lost", extra=about)
            await self._client.close()

    async def _collect(self, feed: SeriesFeed) -> None:
        async for batch in feed.batches():
            self._count(DROPPED, self._queue.put(batch))
            metrics.series_external_waiting.set(self._waiting)

    async def _send_all(self, describe: Describe) -> None:
        while True:
            pieces = await self._queue.take()
            self._sending = sum(len(piece[0]) for piece in pieces)
            with guarded() as attempt:
                amount, body = await asyncio.to_thread(encoded, pieces, describe)
                if amount:
                    await self._send(amount, body)
            if attempt.error is not None:
                self._count(REFUSED, self._sending)
                log.error("values cannot be sent to the external store", exc_info=attempt.error)
            self._sending = 0
            metrics.series_external_waiting.set(self._waiting)

    async def _send(self, amount: int, body: bytes) -> None:
        """Send a request until it is taken or refused."""
        url = str(self._settings.write_url)
        for wait_s in waits():
            try:
                failure = failure_in(await self._client.send("POST", url, body, headers=HEADERS))
            except Unreachable as error:
                failure = error
            self._note("" if failure is None else str(failure))
            if not isinstance(failure, Unreachable):
                self._count(WRITTEN if failure is None else REFUSED, amount)
                return
            self._count(RETRIES, 1)
            asked = failure.retry_after or timedelta()
            await asyncio.sleep(max(wait_s, min(asked.total_seconds(), LONGEST_WAIT_S)))

    def _count(self, outcome: str, amount: int) -> None:
        if amount:
            self._outcomes[outcome] += amount
            metrics.series_external.labels(outcome).inc(amount)

    def _note(self, error: str) -> None:
        """Log once when writing fails, and once when it works again."""
        if bool(error) != bool(self._error):
            if error:
                log.warning("the external store does not take values", extra={"error": error})
            else:
                log.info("the external store takes values again")
        self._error = error


def client_of(settings: ExternalSettings, destinations: Destinations) -> WebClient:
    """Return the client; it connects with the first request."""
    token = settings.token.get_secret_value() if settings.token else ""
    password = settings.password.get_secret_value() if settings.password else ""
    headers, basic = {}, ""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif settings.username:
        basic = basic_authorization(settings.username, password)
        headers["Authorization"] = basic
    return WebClient(
        WebOptions(timeout=parse_duration("30s"), ca_file=settings.ca_file),
        destinations,
        headers=headers,
        secrets=(token, password, basic.removeprefix("Basic ")),
    )


def waits() -> Iterator[float]:
    """Yield how long to wait before each repetition: 1 s, twice as long each time, at most 60 s."""
    wait_s = FIRST_WAIT_S
    while True:
        yield wait_s
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def failure_in(answer: WebAnswer) -> Unreachable | Rejected | None:
    """Return why an answer is no success; `Rejected`: the same request would be refused again.

    Source: Remote write 1.0, "Retries & Backoff": 5xx is repeated, 4xx is not, 429 may be.
    """
    if answer.is_taken:
        return None
    retry_after = answer.headers.get("Retry-After", "")
    failure = failure_of(answer.place, answer.status, answer.excerpt, retry_after)
    is_repeated = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if is_repeated or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return failure
    return failure if isinstance(failure, Rejected) else Rejected(str(failure))


def encoded(pieces: Sequence[Piece], describe: Describe) -> tuple[int, bytes]:
    """Return how many points are sent, and the body; points of series that were deleted are left out."""
    samples: dict[int, list[Sample]] = {}
    for series, times, values in pieces:
        millis = (times * 1000).round().astype("int64")
        for each, at, value in zip(series.tolist(), millis.tolist(), values.tolist(), strict=True):
            samples.setdefault(each, []).append((at, value))
    found = [
        LabelledSamples(labels=labels_of(description), samples=points)
        for each, points in samples.items()
        if (description := describe(each)) is not None and is_written(description)
    ]
    return sum(len(each.samples) for each in found), compressed(encode(found))
