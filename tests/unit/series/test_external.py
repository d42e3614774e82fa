"""Values that the external store refuses, delays or does not take in time."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from opsconductor.config.sections.series import ExternalSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.model.measured.measurement import SeriesKind
from opsconductor.series.external import store as external_store
from opsconductor.series.external.naming import selector_of
from opsconductor.series.external.queue import PointQueue
from opsconductor.series.external.store import ExternalStore
from opsconductor.series.feed import SeriesFeed
from opsconductor.series.formats.remote_write import decode, expanded
from opsconductor.series.points import PointBatch, SeriesDescription

SECRET = "a secret of the test"


def described(series: int, metric: str = "if.octets") -> SeriesDescription:
    """Return a series."""
    return SeriesDescription(
        id=series,
        device="192.0.2.1",
        device_name=None,
        metric=metric,
        resource='a"b',
        unit="",
        kind=SeriesKind.COUNTER,
        source="test",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def batch(sequence: int, amount: int = 1) -> PointBatch:
    """Return points of one series a second apart."""
    times = 1_700_000_000.0 + 10_000 * sequence + np.arange(amount)
    return PointBatch(
        sequence=sequence, series=np.ones(amount, np.int32), times=times, values=np.full(amount, 1.5)
    )


async def outcome_of(
    statuses: list[int], is_over: Callable[[ExternalStore], bool], *, refused: bool = False
) -> tuple[ExternalStore, list[web.Request], list[bytes]]:
    """Send a batch to a server that answers with one status after the other, then 204."""
    requests: list[web.Request] = []
    bodies: list[bytes] = []

    async def handle(request: web.Request) -> web.Response:
        requests.append(request)
        bodies.append(await request.read())
        return web.Response(status=statuses.pop(0) if statuses else 204, text=f"no, {SECRET}")

    application = web.Application()
    application.router.add_post("/write", handle)
    server = TestServer(application)
    await server.start_server()
    settings = ExternalSettings.model_validate({"write_url": str(server.make_url("/write")), "token": SECRET})
    store = ExternalStore(settings, Destinations(is_private_allowed=not refused))
    feed = SeriesFeed(None, list)  # type: ignore[arg-type]  # the log is not read
    running = asyncio.create_task(store.run(feed, described))
    async with asyncio.timeout(10):
        while not feed._subscriptions:
            await asyncio.sleep(0)
        feed.publish(batch(1))
        while not is_over(store):
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await server.close()
    return store, requests, bodies


@pytest.mark.parametrize("status", [400, 401, 404, 413, 302])
async def test_a_refusal_is_not_repeated(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """The values are counted as refused, the error is shown, the token is in no message."""
    with caplog.at_level(logging.DEBUG):
        store, requests, _ = await outcome_of([status], lambda it: "refused" in it.facts().outcomes)
    facts = store.facts()
    assert len(requests) == 1
    assert facts.outcomes == {"refused": 1}
    assert f"HTTP {status}" in facts.error
    shown = facts.error + "".join(
        str(vars(record)) for record in caplog.records if "aiohttp" not in record.name
    )
    assert SECRET not in shown + repr(store) + repr(store._settings)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_temporary_refusal_is_repeated(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same request is sent again until it is accepted; then there is no error any more."""
    monkeypatch.setattr(external_store, "FIRST_WAIT_S", 0.01)
    waiting: set[int] = set()

    def is_over(store: ExternalStore) -> bool:
        if store.facts().error:
            waiting.add(store.facts().waiting)
        return "written" in store.facts().outcomes

    store, requests, bodies = await outcome_of([status] * 3, is_over)
    assert waiting == {1}, "what is repeated still waits"
    assert store.facts().waiting == 0
    assert store.facts().outcomes == {"written": 1, "retries": 3}
    assert store.facts().error == ""
    assert len(set(bodies)) == 1
    assert len(bodies) == 4
    assert requests[0].headers["Authorization"] == f"Bearer {SECRET}"
    (sent,) = decode(expanded(bodies[0]))
    assert dict(sent.labels)["__name__"] == "opsconductor_if_octets_per_second"
    assert sent.samples == [(1_700_010_000_000, 1.5)]


async def test_an_address_that_is_refused_is_not_connected_to() -> None:
    """The message names the setting that refuses it."""
    store, requests, _ = await outcome_of([], lambda it: it.facts().error != "", refused=True)
    assert not requests
    assert "outgoing.private_networks" in store.facts().error


async def test_the_oldest_are_dropped() -> None:
    """The queue is bounded, counts its drops, and returns as many as fit into one request."""
    queue = PointQueue(12_000)
    assert [queue.put(batch(n, 6_000)) for n in range(3)] == [0, 0, 6_000]
    taken = await queue.take()
    assert sum(len(piece[0]) for piece in taken) == 5_000
    assert taken[0][1][0] == batch(1).times[0]
    assert queue.waiting == 7_000


def test_waits_grow_to_a_minute() -> None:
    """Repetitions become rarer."""
    waits = external_store.waits()
    assert [next(waits) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_hostile_names_are_escaped() -> None:
    """Quotes of a resource do not end the selector; points read from the external store are not sent back."""
    assert selector_of(described(1)) == (
        '{resource="a\\"b", metric="if.octets", __name__="opsconductor_if_octets_per_second", '
        'device="192.0.2.1"}'
    )
    piece = (np.ones(1, np.int32), np.ones(1), np.ones(1))
    assert external_store.encoded([piece], lambda each: described(each, "opsconductor_x"))[0] == 0


@pytest.mark.parametrize(
    "given",
    [
        {"write_url": "http://a:b@prometheus/api/v1/write"},
        {"token": "t", "username": "u", "password": "p"},
        {"username": "u"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, str]) -> None:
    """There is one complete kind of credentials, and none in the address."""
    with pytest.raises(ValidationError, match="set"):
        ExternalSettings.model_validate(given)
