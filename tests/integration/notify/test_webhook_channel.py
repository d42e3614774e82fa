"""The webhook channel against a real web server: its posts, and the result of each failure."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from opsconductor.errors import Rejected, Unreachable
from tests.support.certificates import Certificates
from tests.support.notify.hook_server import SECRET, Hook, hooked, posting
from tests.support.notify.notices import NOTICE, notice
from tests.support.notify.smtp_server import scripted


async def test_the_document_arrives_signed() -> None:
    """The receiver can check with the shared secret that the message is ours, whole and fresh."""
    hook = Hook()
    async with hooked(hook) as port, posting(port) as channel:
        receipt = await channel.send(NOTICE)
    [request] = hook.requests
    timestamp = request.headers["X-OpsConductor-Timestamp"]
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + request.body, hashlib.sha256)
    assert request.headers["X-OpsConductor-Signature"] == f"sha256={expected.hexdigest()}"
    assert abs(int(timestamp) - time.time()) < 5
    assert receipt.detail == "HTTP 204"


async def test_the_document_holds_the_facts_and_the_id() -> None:
    """Everything a receiver needs is in the body; the id also stands in the headers."""
    hook = Hook()
    async with hooked(hook) as port, posting(port, headers={"Authorization": "Bearer b-456"}) as channel:
        await channel.send(NOTICE)
    [request] = hook.requests
    assert json.loads(request.body) == {
        "version": 1,
        "id": str(NOTICE.id),
        "kind": "problem",
        "attempt": 1,
        "created_at": "2026-03-04T05:06:07+00:00",
        "rule": "everything",
        "recipient": "noc@example.net",
        "subject": NOTICE.subject,
        "text": NOTICE.text,
        "url": None,
        "acknowledge_url": None,
        "alert": dict(NOTICE.facts),
    }
    assert (request.method, request.path) == ("POST", "/in?key=k-123")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == str(NOTICE.id)
    assert request.headers["X-OpsConductor-Delivery"] == str(NOTICE.id)
    assert request.headers["Authorization"] == "Bearer b-456"


async def test_a_repeated_attempt_has_the_same_id() -> None:
    """500, then 200: both attempts carry the same id, so the receiver can drop the second."""
    hook = Hook(answers=[web.Response(status=500, text="broken"), web.Response(status=200)])
    async with hooked(hook) as port, posting(port) as channel:
        with pytest.raises(Unreachable, match="answers HTTP 500: broken"):
            await channel.send(NOTICE)
        await channel.send(notice(attempt=2))
    first, second = hook.requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert [json.loads(request.body)["attempt"] for request in hook.requests] == [1, 2]


async def test_without_a_secret_nothing_is_signed() -> None:
    """No secret, no signature header that could be mistaken for one."""
    hook = Hook()
    async with hooked(hook) as port, posting(port, secret=None) as channel:
        await channel.send(NOTICE)
    assert "X-OpsConductor-Signature" not in hook.requests[0].headers


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *[(status, Unreachable) for status in (401, 403, 408, 425, 429, 500, 502, 503, 504, 599)],
        *[(status, Rejected) for status in (301, 302, 304, 307, 308, 400, 404, 410, 413, 422)],
    ],
)
async def test_each_status_means_again_or_never(status: int, error: type[Exception]) -> None:
    """Temporary failures are tried again, a refusal is not."""
    hook = Hook(answers=[web.Response(status=status, headers={"Location": "/elsewhere"})])
    async with hooked(hook) as port, posting(port) as channel:
        with pytest.raises(error, match=f"HTTP {status}"):
            await channel.send(NOTICE)
    assert len(hook.requests) == 1


async def test_redirects_are_not_followed() -> None:
    """Headers and contents are not sent to another address; the text has the remedy."""
    elsewhere = Hook()
    async with hooked(elsewhere) as other_port:
        to = {"Location": f"http://127.0.0.1:{other_port}/steal"}
        hook = Hook(answers=[web.Response(status=307, headers=to)])
        async with hooked(hook) as port, posting(port) as channel:
            with pytest.raises(Rejected, match="set url to the final address"):
                await channel.send(NOTICE)
            assert not (await channel.check()).ok
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("Wed, 04 Mar 2020 05:06:07 GMT", timedelta(0)),
        ("soon", None),
        ("-1", None),
        ("9" * 40, None),
        ("²", None),
    ],
)
async def test_the_receiver_may_say_when(header: str, wish: timedelta | None) -> None:
    """`Retry-After` in seconds or as a date is passed on; anything else is ignored."""
    hook = Hook(answers=[web.Response(status=429, headers={"Retry-After": header})])
    async with hooked(hook) as port, posting(port) as channel:
        with pytest.raises(Unreachable) as caught:
            await channel.send(NOTICE)
    assert caught.value.retry_after == wish


async def test_no_secret_is_in_an_error_or_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the URL's path and query nor header values, not even when the receiver repeats them."""
    caplog.set_level(logging.DEBUG)
    hook = Hook(answers=[web.Response(status=400, text=f"got b-456-c and\n{SECRET}\nfrom you " + "x" * 5000)])
    async with hooked(hook) as port, posting(port, headers={"Authorization": "b-456-c"}) as channel:
        with pytest.raises(Rejected) as caught:
            await channel.send(NOTICE)
        shown = f"{caught.value} {await channel.check()} {caplog.text}"
    assert "got *** and *** from you xxx" in str(caught.value)
    assert len(str(caught.value)) < 300
    for secret in ("b-456-c", "k-123", "/in", SECRET):
        assert secret not in shown


async def test_connections_are_used_again() -> None:
    """Several messages one after the other go over one connection."""
    hook = Hook(answers=[web.Response(status=200, text="thanks")])
    async with hooked(hook) as port, posting(port) as channel:
        for _ in range(5):
            await channel.send(NOTICE)
    assert len(hook.requests) == 5
    assert len(hook.peers) == 1


async def test_https_with_a_private_authority(certificates: Certificates) -> None:
    """A certificate of a private authority is taken with `ca_file`, otherwise refused with the reason."""
    hook = Hook()
    context = certificates.server_context()
    async with hooked(hook, tls=context) as port:
        async with posting(port, scheme="https", ca_file=str(certificates.ca_file)) as channel:
            await channel.send(NOTICE)
            assert (await channel.check()).ok
        async with posting(port, scheme="https", verify_ssl=False) as channel:
            await channel.send(NOTICE)
        async with posting(port, scheme="https") as channel:
            with pytest.raises(Unreachable, match="certificate that is not trusted: "):
                await channel.send(NOTICE)
        async with posting(port, scheme="https", ca_file="/nonexistent.pem") as channel:
            with pytest.raises(Unreachable, match="ca_file"):
                await channel.send(NOTICE)
            assert "No such file" in (await channel.check()).message
    assert [request.method for request in hook.requests] == ["POST", "HEAD", "POST"]


async def test_https_to_a_server_that_speaks_http() -> None:
    """The wrong scheme is named."""
    async with hooked(Hook()) as port, posting(port, scheme="https") as channel:
        with pytest.raises(Unreachable, match=f"https://localhost:{port} does not speak TLS"):
            await channel.send(NOTICE)


async def test_a_closed_port_is_tried_again(unused_tcp_port: int) -> None:
    """A refused connection is tried again."""
    async with posting(unused_tcp_port) as channel:
        with pytest.raises(Unreachable, match=f"http://localhost:{unused_tcp_port} cannot be connected"):
            await channel.send(NOTICE)
        assert not (await channel.check()).ok


async def test_a_receiver_that_hangs_is_given_up_in_time() -> None:
    """No answer costs the timeout and no more."""
    hook = Hook(hangs=True)
    async with hooked(hook) as port, posting(port, timeout="1s") as channel, asyncio.timeout(4):
        with pytest.raises(Unreachable, match="does not answer in time"):
            await channel.send(NOTICE)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"", "closed the connection"),
        (b"HTTP/1.1 ", "closed the connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP as expected"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "does not speak HTTP as expected"),
        (b"\0" * 100, "does not speak HTTP as expected"),
        (b"HTTP/1.1 999999 \r\n\r\n", "does not speak HTTP as expected"),
    ],
)
async def test_an_answer_that_is_no_answer(answer: bytes, text: str) -> None:
    """Whatever comes back instead of HTTP, the attempt is repeated later, and the error says what it was."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()

    async with scripted(babble) as port, posting(port) as channel:
        with pytest.raises(Unreachable, match=text):
            await channel.send(NOTICE)


@pytest.mark.parametrize(("status", "error"), [(b"200 OK", None), (b"500 Oops", Unreachable)])
async def test_an_endless_body_is_not_read(status: bytes, error: type[Exception] | None) -> None:
    """The status counts; a body that never ends costs neither time nor memory."""

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            await writer.drain()

    async with scripted(flood) as port, posting(port) as channel, asyncio.timeout(4):
        if error is None:
            await channel.send(NOTICE)
        else:
            with pytest.raises(error, match=r"HTTP 500: x{200}$"):
                await channel.send(NOTICE)


async def test_a_failure_without_the_announced_body_is_still_reported() -> None:
    """Headers come, the body does not: the status is what counts."""

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 422 No\r\nContent-Length: 1000\r\n\r\n")
        await reader.read()

    async with scripted(stall) as port, posting(port, timeout="1s") as channel:
        with pytest.raises(Rejected, match="HTTP 422"):
            await channel.send(NOTICE)


async def test_closing_during_a_send_is_a_failure_that_is_repeated() -> None:
    """On reload the old channel is closed: what is on its way is tried again with the new one."""
    hook = Hook(hangs=True)
    async with hooked(hook) as port, posting(port) as channel:
        sending = asyncio.create_task(channel.send(NOTICE))
        await hook.asked.wait()
        await channel.close()
        with pytest.raises(Unreachable):
            await sending
        with pytest.raises(Unreachable, match="closed"):
            await channel.send(NOTICE)


@pytest.mark.parametrize(
    ("status", "ok", "text"),
    [
        (200, True, "answers"),
        (405, True, "answers"),
        (404, True, "answers"),
        (501, True, "answers"),
        (401, False, "check the credentials"),
        (503, False, "a server error"),
    ],
)
async def test_checking_posts_nothing(status: int, *, ok: bool, text: str) -> None:
    """The check requests headers only and explains the answer."""
    hook = Hook(answers=[web.Response(status=status)])
    async with hooked(hook) as port, posting(port) as channel:
        check = await channel.check()
        expected: dict[str, Any] = {"server": f"http://localhost:{port}", "status": status, "signed": True}
    assert check.ok is ok
    assert text in check.message
    assert check.details == expected
    assert [request.method for request in hook.requests] == ["HEAD"]
