"""Recognition of requests whose head differs from an earlier one only in the length of the body.

A sender that keeps its connection sends the same head again and again. aiohttp parses the first; a later one
that is equal byte for byte means the same and is not parsed again.
"""

from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import HttpVersion11, hdrs, web

END = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "
LONGEST_LENGTH = 7
"""Digits of the length of a body."""
SPECIAL = (hdrs.EXPECT, hdrs.UPGRADE, hdrs.TRANSFER_ENCODING)
"""Headers with which a request is not only a head and a body."""
OF_ONE_ANSWER = frozenset({"content-length", "date", "x-request-id", "connection"})
"""Headers that differ from one answer to the next."""


class RepeatedHead(NamedTuple):
    """A head that aiohttp has accepted.

    Attributes:
        before: Its bytes up to the length of the body.
        after: The others, up to the body.
    """

    before: bytes
    after: bytes

    def body_of(self, data: bytes) -> bytes | None:
        """Return the body of a request with this head; None: it is another, or not exactly one."""
        if not data.startswith(self.before):
            return None
        start = len(self.before)
        end = data.find(b"\r", start, start + LONGEST_LENGTH + 1)
        digits = data[start:end]
        if end < 0 or not digits.isdigit() or not data.startswith(self.after, end):
            return None
        begin = end + len(self.after)
        return data[begin:] if len(data) - begin == int(digits) else None


def head_of(first: bytes, amount: int, request: web.Request) -> RepeatedHead | None:
    """Return the head of a request, if others with the same may be taken for it.

    Args:
        first: The first bytes of the request as received.
        amount: Number of all bytes received since it began.

    Returns:
        None: the head is longer or has a special meaning, or bytes of another request came with it.
    """
    length = request.content_length
    head, end, _ = first.partition(END)
    before, found, rest = head.partition(LENGTH)
    if not end or not found or length is None or amount != len(head) + len(END) + length:
        return None
    digits, line, after = rest.partition(b"\r\n")
    # every line is a header that aiohttp has seen, and none is continued or ends otherwise
    lines = head.count(b"\n")
    is_plain = lines == head.count(b"\r\n") == len(request.raw_headers) and LENGTH not in line + after
    is_usual = request.version == HttpVersion11 and request.keep_alive
    if not (is_plain and is_usual) or digits != str(length).encode() or len(digits) > LONGEST_LENGTH:
        return None
    if any(name in request.headers for name in SPECIAL):
        return None
    return RepeatedHead(before + found, line + after + end)


class RepeatedAnswer:
    """Answers that differ from an earlier one only in id, date, status and body."""

    def __init__(self, headers: Mapping[str, str], request_id: str) -> None:
        """Take over the headers of an answer.

        Args:
            request_id: Id that the client gives to each of its requests; empty: it gives none.
        """
        kept = [
            f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() not in OF_ONE_ANSWER
        ]
        self._kept = "".join(kept)
        self.request_id = request_id

    def written(
        self, body: bytes, *, status: HTTPStatus, request_id: str, now_s: float, more: str = ""
    ) -> bytes:
        """Return the bytes of an answer.

        Args:
            now_s: Seconds since 1970.
            more: Headers of this answer alone, each with its end of line.
        """
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{more}{self._kept}"
        varying = (
            f"X-Request-ID: {request_id}\r\nContent-Length: {len(body)}\r\nDate: {_date(int(now_s))}\r\n"
        )
        return f"{head}{varying}\r\n".encode() + body


class _Second(NamedTuple):
    """A date of RFC 9110 and its second."""

    at_s: int
    text: str


_last = [_Second(0, formatdate(0, usegmt=True))]


def _date(at_s: int) -> str:
    """Return the date of a second; most answers have that of the one before."""
    if _last[0].at_s != at_s:
        _last[0] = _Second(at_s, formatdate(at_s, usegmt=True))
    return _last[0].text
