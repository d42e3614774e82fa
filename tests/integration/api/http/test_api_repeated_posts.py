"""Posts whose head is that of an earlier one on their connection: taken at once, answered by the commit."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from opsconductor.api.handlers import inbound_webhooks, repeated_posts
from opsconductor.api.handlers.inbound_webhooks import posts
from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.http.server import serving
from tests.support.api.api_stage import Stage
from tests.support.api.webhook_posts import GROUP, TOKEN, source_of

pytest_plugins = ["tests.integration.api_fixtures"]

GOOD = json.dumps(GROUP).encode()


def head(length: int, token: str = TOKEN, extra: str = "") -> bytes:
    """Write the head of a post."""
    return (
        f"POST /api/v1/connectors/hook/webhook HTTP/1.1\r\nHost: noc\r\nContent-Length: {length}\r\n"
        f"Authorization: Bearer {token}\r\n{extra}\r\n"
    ).encode()


def whole(body: bytes = GOOD, token: str = TOKEN, extra: str = "") -> bytes:
    """Write a post."""
    return head(len(body), token, extra) + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as read from the socket."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Sender:
    """A connection to the API."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    app: web.Application

    async def post(self, data: bytes) -> Answer:
        """Send bytes and read one answer."""
        self.writer.write(data)
        return await self.answer()

    async def answer(self) -> Answer:
        """Read the next answer."""
        async with asyncio.timeout(20):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:] if line)
            body = await self.reader.readexactly(int(headers.get("Content-Length", "0"))) or b"{}"
        return Answer(status=int(lines[0].split()[1]), headers=headers, body=json.loads(body))


@asynccontextmanager
async def sender(stage: Stage) -> AsyncIterator[Sender]:
    """Connect to the API."""
    async with senders(stage, 1) as (only,):
        yield only


@asynccontextmanager
async def senders(stage: Stage, amount: int) -> AsyncIterator[list[Sender]]:
    """Connect to the API several times."""
    stage.desk.parts.setdefault("hook", source_of())
    app = stage.application(ClientLimits())
    async with serving(app, "127.0.0.1", 0) as server:
        number = server.sockets[0].getsockname()[1]
        made = [Sender(*await asyncio.open_connection("127.0.0.1", number), app) for _ in range(amount)]
        yield made
    for each in made:
        each.writer.close()


async def met(condition: Callable[[], bool]) -> None:
    """Wait until a condition is met."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


async def test_a_repeated_head_is_answered_as_the_first(stage: Stage) -> None:
    """The second post is taken at once, and its answer has the same headers, with an id of its own."""
    async with sender(stage) as hook:
        first, second = await hook.post(whole()), await hook.post(whole(GOOD + b" "))
    assert stage.desk.at_once == 1
    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    of_one = {"Date": "", "X-Request-ID": ""}
    assert {**first.headers, **of_one} == {**second.headers, **of_one}
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert stage.desk.counts == {("hook", "received", ""): 2}
    (alert,) = stage.engine.open.values()
    assert alert.occurrence_count == 2


async def test_the_id_of_a_sender_is_in_the_answer(stage: Stage) -> None:
    """A head that names the id of its requests gets it back."""
    async with sender(stage) as hook:
        answers = [await hook.post(whole(extra="X-Request-ID: mine\r\n")) for _ in range(2)]
    assert [each.headers["X-Request-ID"] for each in answers] == ["mine", "mine"]
    assert stage.desk.at_once == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (whole(token="wrong" * 4), 401),
        (whole(b"no json"), 400),
        (whole(b'{"no": "alerts"}'), 400),
        (whole(extra="Idempotency-Key: one\r\n"), 200),
        (whole(extra="Expect: 100-continue\r\n"), 100),
        (b"GET /api/v1/system/health HTTP/1.1\r\nHost: noc\r\n\r\n", 200),
    ],
    ids=["secret", "no json", "shape", "key", "expect", "other path"],
)
async def test_everything_else_is_read_by_aiohttp(stage: Stage, data: bytes, status: int) -> None:
    """After a good post, one that is refused or different is answered as if it were the first."""
    async with sender(stage) as hook:
        await hook.post(whole())
        counts = stage.desk.counts.copy()
        hook.writer.write(data)
        async with asyncio.timeout(20):
            assert (await hook.reader.readuntil(b"\r\n")).split()[1] == str(status).encode()
    assert stage.desk.at_once == 0
    assert (stage.desk.counts - counts)["hook", "received", ""] == ("connectors" in data.decode())


async def test_what_comes_in_pieces_is_taken_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that comes late is read by aiohttp; the next post is taken at once again."""
    monkeypatch.setattr(inbound_webhooks, "AT_A_TIME", 1)
    async with sender(stage) as hook:
        await hook.post(whole())
        hook.writer.write(head(len(GOOD)) + GOOD[:10])
        await met(hook.app[posts].places.locked)
        assert stage.desk.at_once == 0
        assert (await hook.post(GOOD[10:])).status == 200
        assert (await hook.post(whole())).status == 200
    assert stage.desk.at_once == 1
    assert stage.desk.counts["hook", "received", ""] == 3


@pytest.mark.parametrize(
    "first",
    [
        whole().replace(b"Content-Length", b"content-length"),
        whole().replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Host: noc", b"Connection: keep-alive"),
        head(len(GOOD)).replace(b"Content-Length: ", b"Content-Length: 0") + GOOD,
        whole(extra="Expect: 100-continue\r\n"),
        whole(extra=f"X-Filler: {'x' * 8_000}\r\nX-Other: {'x' * 500}\r\n"),
        b"POST /api/v1/connectors/hook/webhook HTTP/1.1\r\nHost: noc\r\nTransfer-Encoding: chunked\r\n"
        + f"Authorization: Bearer {TOKEN}\r\n\r\n{len(GOOD):x}\r\n".encode()
        + GOOD
        + b"\r\n0\r\n\r\n",
    ],
    ids=["other case", "HTTP/1.0", "leading zero", "expect", "long", "chunked"],
)
async def test_an_unusual_head_opens_no_shortcut(stage: Stage, first: bytes) -> None:
    """Only a head of HTTP/1.1 with a plain length is known again."""
    async with sender(stage) as hook:
        for _ in range(2):
            answer = await hook.post(first)
            if answer.status == 100:
                answer = await hook.answer()
            assert answer.status == 200
    assert stage.desk.at_once == 0


async def test_posts_sent_ahead_are_answered_in_order(stage: Stage) -> None:
    """Whether in one piece or while an earlier one waits for its commit."""
    async with sender(stage) as hook:
        await hook.post(whole())
        stage.desk.is_stuck = True
        hook.writer.write(whole())
        await met(lambda: stage.desk.at_once == 1)
        hook.writer.write(whole() + whole(b"no json") + whole())
        await hook.writer.drain()
        await stage.desk.let_go()
        statuses = [(await hook.answer()).status for _ in range(4)]
    assert statuses == [200, 200, 400, 200]


async def test_a_first_post_with_another_behind_it_opens_no_shortcut(stage: Stage) -> None:
    """Requests that aiohttp has not answered yet must not be overtaken."""
    async with sender(stage) as hook:
        hook.writer.write(whole() + whole())
        statuses = [(await hook.answer()).status for _ in range(2)]
        statuses.append((await hook.post(whole())).status)
    assert statuses == [200, 200, 200]
    assert stage.desk.at_once == 0


async def test_a_full_intake_makes_the_sender_wait(stage: Stage) -> None:
    """The post goes through aiohttp, where it waits for room, and is counted once."""
    async with sender(stage) as hook:
        await hook.post(whole())
        stage.desk.is_full = True
        hook.writer.write(whole())
        await met(lambda: stage.desk.counts["hook", "received", ""] == 2)
    assert stage.desk.at_once == 0


async def test_what_is_not_committed_in_time_is_not_acknowledged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender is asked to send it again, and the late commit answers nothing."""
    monkeypatch.setattr(repeated_posts, "COMMITTED_WITHIN_S", 0.01)
    async with sender(stage) as hook:
        await hook.post(whole())
        stage.desk.is_stuck = True
        late = await hook.post(whole())
        monkeypatch.undo()
        await stage.desk.let_go()
        after = await hook.post(whole())
    assert (late.status, late.headers["Retry-After"]) == (503, "5")
    assert late.body["error"]["code"] == "unavailable"  # type: ignore[index]
    assert after.status == 200


async def test_a_replaced_connector_gets_the_next_post(stage: Stage) -> None:
    """After a reload the secret of the new configuration counts, whatever the connection has proven."""
    async with sender(stage) as hook:
        await hook.post(whole())
        stage.desk.parts["hook"] = source_of(token="another secret of it")
        assert (await hook.post(whole())).status == 401
    assert stage.desk.at_once == 0


async def test_a_post_goes_through_aiohttp_now_and_then(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the connection does not look idle to it."""
    monkeypatch.setattr(repeated_posts, "WITHIN_S", 0.0)
    async with sender(stage) as hook:
        for _ in range(3):
            assert (await hook.post(whole())).status == 200
    assert stage.desk.at_once == 0


async def test_the_end_of_the_server_waits_for_answers(stage: Stage) -> None:
    """Posts committed while the server ends are answered."""
    async with sender(stage) as hook:
        await hook.post(whole())
        stage.desk.is_stuck = True
        hook.writer.write(whole())
        await met(lambda: stage.desk.at_once == 1)
        answering = asyncio.create_task(hook.answer())
        releasing = asyncio.create_task(stage.desk.let_go())
    assert (await answering).status == 200
    await releasing


async def test_who_finds_no_place_waits_in_aiohttp(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit posts are read by aiohttp, which has places of its own."""
    monkeypatch.setattr(repeated_posts, "AT_A_TIME", 1)
    async with senders(stage, 2) as (one, other):
        for hook in (one, other):
            await hook.post(whole())
        stage.desk.is_stuck = True
        one.writer.write(whole())
        await met(lambda: stage.desk.at_once == 1)
        other.writer.write(whole())
        await met(lambda: stage.desk.counts["hook", "received", ""] == 4)
        await stage.desk.let_go()
        assert [(await hook.answer()).status for hook in (one, other)] == [200, 200]
    assert stage.desk.at_once == 1
