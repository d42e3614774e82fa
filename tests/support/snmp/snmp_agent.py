"""A small SNMP agent inside the test: v1 and v2c, as fast as Python allows, and as faulty as it is set.

snmpsim is the honest one (`snmpsim.py` beside this); this one does what real devices do when they are ill.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar, cast

from opsconductor.snmp.message import encode
from opsconductor.snmp.message.oid import encode_oid, parse_oid
from opsconductor.snmp.message.reader import Reader
from opsconductor.snmp.message.tlv import (
    COUNTER32,
    COUNTER64,
    END_OF_MIB_VIEW,
    GAUGE32,
    INTEGER,
    NO_SUCH_INSTANCE,
    NULL,
    OCTET_STRING,
    OID,
    SEQUENCE,
    TIME_TICKS,
    decode_oid,
)

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
TOO_BIG, NO_SUCH_NAME, GEN_ERR, AUTHORIZATION_ERROR = 1, 2, 5, 16
V1 = 0

Typed = tuple[int, bytes]
Made = TypeVar("Made", bound="Agent")


def integer(value: int) -> Typed:
    """Make an INTEGER."""
    return INTEGER, encode.integer(value)[2:]


def unsigned(value: int, tag: int = GAUGE32) -> Typed:
    """Make a number of one of the unsigned types."""
    return tag, encode.integer(value, tag)[2:]


def counter32(value: int) -> Typed:
    """Make a Counter32."""
    return unsigned(value, COUNTER32)


def counter64(value: int) -> Typed:
    """Make a Counter64."""
    return unsigned(value, COUNTER64)


def ticks(value: int) -> Typed:
    """Make TimeTicks, hundredths of a second."""
    return unsigned(value, TIME_TICKS)


def text(value: str | bytes) -> Typed:
    """Make an OCTET STRING."""
    return OCTET_STRING, value.encode() if isinstance(value, str) else value


def oid(value: str) -> Typed:
    """Make an OBJECT IDENTIFIER."""
    return OID, encode_oid(value)


@dataclass(slots=True)
class Agent(asyncio.DatagramProtocol):
    """Answers from a table of values, and counts its requests.

    Attributes:
        values: By OID; change them with `put`.
        silent_below: OIDs about which it never answers; empty text: about none at all.
        ill_below: OIDs at which it answers with an error.
        illness: Which error that is.
        most: Variables that fit into an answer of GET; more are tooBig.
        loops: GETNEXT and GETBULK begin again at the first value when they come to the end.
        drops: So many requests it leaves unanswered.
        delay_s: Answers come so late.
        strays: Datagrams that are sent in front of every answer.
    """

    values: dict[str, Typed] = field(default_factory=dict)
    community: bytes = b"public"
    silent_below: tuple[str, ...] = ()
    ill_below: tuple[str, ...] = ()
    illness: int = GEN_ERR
    most: int = 1000
    loops: bool = False
    drops: int = 0
    delay_s: float = 0
    strays: tuple[bytes, ...] = ()
    requests: int = 0
    asked: list[str] = field(default_factory=list)
    port: int = 0
    _order: list[tuple[int, ...]] = field(default_factory=list)
    _transport: asyncio.DatagramTransport | None = None

    def put(self, values: Mapping[str, Typed]) -> None:
        """Set values, beside the present ones."""
        self.values.update(values)
        self._order = sorted(parse_oid(name) for name in self.values)

    def drop(self, *names: str) -> None:
        """Remove values."""
        for name in names:
            del self.values[name]
        self._order = sorted(parse_oid(name) for name in self.values)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a request, if it is to be answered."""
        self.requests += 1
        if self.drops:
            self.drops -= 1
            return
        answer = self.answer(data)
        assert self._transport is not None
        for stray in self.strays:
            self._transport.sendto(stray, addr)
        if answer is not None and self.delay_s:
            asyncio.get_running_loop().call_later(self.delay_s, self._transport.sendto, answer, addr)
        elif answer is not None:
            self._transport.sendto(answer, addr)

    def answer(self, data: bytes) -> bytes | None:
        """Make the answer to a request; None: silence."""
        message = Reader(data, 0, len(data)).enter(SEQUENCE)
        version, community = message.integer(), message.octets()
        response = self.respond(version, message)
        if response is None or community != self.community:
            return None
        return encode.sequence(encode.integer(version), encode.octets(community), response)

    def respond(self, version: int, message: Reader) -> bytes | None:
        """Make the response PDU to a request; None: silence."""
        kind = message.data[message.at]
        pdu = message.enter(kind)
        request_id, non_repeaters, repetitions = pdu.integer(), pdu.integer(), pdu.integer()
        names = list(_names(pdu.enter(SEQUENCE)))
        self.asked += names
        if any(_is_below(name, self.silent_below) for name in names):
            return None
        if kind == GET:
            status, index, found = self._get(version, names)
        elif kind == GET_NEXT:
            status, index, found = self._next(version, names)
        else:
            del non_repeaters
            status, index, found = self._bulk(names[0], repetitions)
        if status:
            found = [(name, (NULL, b"")) for name in names]
        body = b"".join(
            (
                encode.integer(request_id),
                encode.integer(status),
                encode.integer(index),
                encode.varbind_list((name, *typed) for name, typed in found),
            )
        )
        return encode.tlv(RESPONSE, body)

    def _get(self, version: int, names: list[str]) -> tuple[int, int, list[tuple[str, Typed]]]:
        if len(names) > self.most:
            return TOO_BIG, 0, []
        for index, name in enumerate(names, start=1):
            if _is_below(name, self.ill_below):
                return self.illness, index, []
            if version == V1 and name not in self.values:
                return NO_SUCH_NAME, index, []
        return 0, 0, [(name, self.values.get(name, (NO_SUCH_INSTANCE, b""))) for name in names]

    def _next(self, version: int, names: list[str]) -> tuple[int, int, list[tuple[str, Typed]]]:
        found = [self._after(name) for name in names]
        for index, (name, typed) in enumerate(found, start=1):
            if _is_below(name, self.ill_below):
                return self.illness, index, []
            if version == V1 and typed[0] == END_OF_MIB_VIEW:
                return NO_SUCH_NAME, index, []
        return 0, 0, found

    def _bulk(self, name: str, repetitions: int) -> tuple[int, int, list[tuple[str, Typed]]]:
        found: list[tuple[str, Typed]] = []
        for _ in range(max(1, min(repetitions, self.most))):
            name, typed = self._after(name)
            if _is_below(name, self.ill_below):
                return self.illness, 1, []
            found.append((name, typed))
            if typed[0] == END_OF_MIB_VIEW:
                break
        return 0, 0, found

    def _after(self, name: str) -> tuple[str, Typed]:
        at = bisect_right(self._order, parse_oid(name))
        if at == len(self._order):
            if not self.loops:
                return name, (END_OF_MIB_VIEW, b"")
            at = 0
        following = ".".join(map(str, self._order[at]))
        return following, self.values[following]


def _names(varbinds: Reader) -> Iterable[str]:
    while varbinds.at < varbinds.end:
        varbind = varbinds.enter(SEQUENCE)
        yield decode_oid(varbind.element(OID)[2:])


def _is_below(name: str, prefixes: Iterable[str]) -> bool:
    return any(not prefix or name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


@asynccontextmanager
async def agent(values: Mapping[str, Typed], host: str = "127.0.0.1") -> AsyncIterator[Agent]:
    """Run an agent on a free port; its attribute `port` has the number."""
    async with running(Agent(), values, host) as made:
        yield made


@asynccontextmanager
async def running(made: Made, values: Mapping[str, Typed], host: str = "127.0.0.1") -> AsyncIterator[Made]:
    """Run an agent of any kind with values."""
    made.put(values)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: made, local_addr=(host, 0)
    )
    made.port = transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        transport.close()
