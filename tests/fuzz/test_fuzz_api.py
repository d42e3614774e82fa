"""Almost valid requests, as bytes on the API's port, for FUZZ_SECONDS."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from random import Random
from time import thread_time
from urllib.parse import quote

import pytest

from opsconductor.api.http.alert_parameters import AlertListParameters
from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.http.server import serving
from opsconductor.store.access.keys import create_key
from tests.fuzz.chain import NoErrors
from tests.fuzz.mutation import TEXTS, TRIES, inputs, kept, mutated, seconds, seed
from tests.support.api.api_stage import Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]

LIMIT_S = 0.1
SHARE = 0.3
ANSWERS = {200, 400, 401, 403, 404, 405, 408, 409, 413, 415, 417, 422, 426, 429, 503}
PATHS = (
    "/alerts",
    "/alerts/summary",
    "/session",
    "/system/health",
    "/system/openapi.json",
    "/nothing",
    "/alerts/{id}",
)
COMMANDS = ("acknowledge", "unacknowledge", "resolve", "notes", "assign")
NAMES = (*AlertListParameters.model_fields, "from", "to", "x", "__class__", "a.b", "")
VALUES = (
    "active", "critical,major", "P1", "10.0.0.1", "-severity,occurred_at", "1", "0", "-1", "9" * 20, "",
    "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "%%%___\\", *TEXTS,
)  # fmt: skip
JSONS: Sequence[object] = (
    None, True, 0, -1, 1e308, 2**70, "", "x", [], {}, [[[[]]]], {"notes": None}, {"key": "ops_00000000_x"},
    *({"notes": text} for text in TEXTS), *({"assigned_to": text, "notes": text} for text in TEXTS),
)  # fmt: skip


class Requests:
    """Makes requests with a valid key, a guessed one, or none."""

    def __init__(self, key: str, alert_ids: Sequence[str]) -> None:
        self._key = key
        self._ids = alert_ids

    def __call__(self, chance: Random) -> bytes:
        """Make one request, sometimes broken."""
        head, body = chance.choice((self._reading, self._reading, self._changing))(chance)
        request = head + b"Host: noc\r\nConnection: close\r\n" + self._credentials(chance)
        request += b"Content-Length: %d\r\n\r\n" % len(body) + body
        return mutated(request, chance, (request, b"\r\n\r\n")) if chance.random() < 0.4 else request

    def _credentials(self, chance: Random) -> bytes:
        key = chance.choice((self._key,) * 6 + (f"ops_{chance.randrange(2**32):08x}_x",))
        return chance.choice(
            (
                b"Authorization: Bearer %b\r\n" % key.encode(),
                b"Authorization: Bearer %b\r\n" % key.encode(),
                b"Cookie: opsconductor_session=%b\r\n" % key.encode(),
                b"Authorization: " + chance.randbytes(5).replace(b"\n", b"") + b"\r\n",
                b"",
            )
        )

    def _reading(self, chance: Random) -> tuple[bytes, bytes]:
        path = chance.choice(PATHS).replace("{id}", self._id(chance))
        query = "&".join(
            f"{chance.choice(NAMES)}={quote(chance.choice(VALUES)[:2000], safe=',')}"
            for _ in range(chance.choice((0, 1, 1, 2, 8)))
        )
        method = chance.choice(("GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "TRACE"))
        return f"{method} /api/v1{path}?{query} HTTP/1.1\r\n".encode(), b""

    def _changing(self, chance: Random) -> tuple[bytes, bytes]:
        path = chance.choice(("/session", f"/alerts/{self._id(chance)}/{chance.choice(COMMANDS)}"))
        body = json.dumps(chance.choice(JSONS)).encode()
        if chance.random() < 0.4:
            body = mutated(body, chance, (body, b'{"notes":"x"}', b"[" * 3000, b'{"a":' * 500, b"9" * 5000))
        kind = chance.choice(
            ("application/json",) * 5 + ("text/plain", "application/json; charset=utf-16", "")
        )
        return f"POST /api/v1{path} HTTP/1.1\r\nContent-Type: {kind}\r\n".encode(), body

    def _id(self, chance: Random) -> str:
        return chance.choice((*self._ids, "0198c5a2-7d3e-7c1b-9a77-2f6d1f0c9b11", "x", "%00", "..%2f.."))


@pytest.fixture
async def port(stage: Stage) -> AsyncIterator[int]:
    """The API behind its front door."""
    application = stage.application(ClientLimits(read_s=0.05, idle_s=0.1))
    async with serving(application, "127.0.0.1", 0) as server:
        yield int(server.sockets[0].getsockname()[1])


@pytest.fixture(autouse=True)
def _no_errors() -> Iterator[None]:
    """No error may be logged: each would be an unforeseen one."""
    watching = NoErrors()
    logging.getLogger().addHandler(watching)
    yield
    logging.getLogger().removeHandler(watching)
    assert watching.errors == []


async def answer_to(port: int, request: bytes) -> bytes:
    """Send bytes, then nothing more, and read the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def judged(answer: bytes) -> int:
    """Check the form of an answer; its status, 0 when there was none."""
    if not answer:
        return 0
    status = int(answer.split(b" ", 2)[1])
    assert status in ANSWERS, answer[:500]
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"Content-Type: application/json" in head and body and b"openapi" not in body[:30]:
        document = json.loads(body[: int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])])
        assert document["success"] is (status < 300 or (status == 503 and "data" in document))
    return status


async def test_whatever_is_asked_is_answered_in_form(stage: Stage, port: int) -> None:
    """No request is a 500, none costs more than 100 ms of processor time, and the next is answered."""
    alerts = await stage.report(*(problem(text, resource=f"r{n}") for n, text in enumerate(TEXTS)))
    key = await create_key(stage.pool, name="fuzzer", role="operator")
    number = seed()
    chance = Random(number)
    statuses: Counter[int] = Counter()
    for request in inputs(Requests(key, [str(alert.id) for alert in alerts]), seconds(SHARE), chance):
        try:
            spent_s = LIMIT_S
            for _ in range(TRIES):
                begun = thread_time()
                statuses[judged(await answer_to(port, request))] += 1
                if (spent_s := min(spent_s, thread_time() - begun)) < LIMIT_S:
                    break
            assert spent_s < LIMIT_S, "processor time"
        except Exception as error:
            error.add_note(f"FUZZ_SEED={number}: {kept(request, 'request')}")
            raise
    assert (
        judged(
            await answer_to(
                port, b"GET /api/v1/system/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
        )
        == 200
    )
    print(f"FUZZ_SEED={number}: {statuses.total()} requests, {dict(statuses)}")  # noqa: T201
    assert set(statuses) >= {200, 400, 401, 404}
