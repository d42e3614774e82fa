"""From datagram to event: access control, decoding, and counting of rejected messages."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.snmp_trap.decode_cache import (
    CachedTrap,
    DecodeCache,
    Key,
    TrapHeads,
    TrapPlans,
    community_of,
)
from connectors.snmp_trap.plan import PlannedTrap
from connectors.snmp_trap.receiving.informs import Duplicate, Informs, key_of_inform
from connectors.snmp_trap.receiving.port import Address, Datagram, TrapPort
from connectors.snmp_trap.receiving.rejection_log import RefusalNotes
from connectors.snmp_trap.receiving.samples import Samples, masked
from connectors.snmp_trap.sender import UNNAMED, AccessList, IsForwarder, is_unnamed
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.rejection import KEPT_BYTES
from opsconductor.connector.rejection_words import Words, words_of
from opsconductor.errors import DecodeError
from opsconductor.model.construct import filler_of
from opsconductor.model.event import RawEvent
from opsconductor.snmp.client.answer import answer_v2c, answer_v3, report
from opsconductor.snmp.message.ber import decode, decode_pdu, version_of
from opsconductor.snmp.message.trap import Trap
from opsconductor.snmp.security.usm import DISCOVERIES, Refusal, UsmReceiver

_event = filler_of(RawEvent)
_V3 = b"\x02\x01\x03"
_VERSION_WITHIN = 14
"""The version follows at most ten bytes of tag and length."""


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Stage and reason by which a datagram that does not become an event is counted."""

    stage: str
    reason: str = ""


class Arrival(NamedTuple):
    """A datagram of an accepted sender, with what is needed to answer it."""

    payload: bytes
    address: Address
    peer: str
    port: TrapPort
    now_s: float


Entry = tuple[Trap | PlannedTrap | CachedTrap, Callable[[], None] | None, bytes]
"""The trap, and for an inform the function to call after its commit, and its key."""


class TrapReceiver:
    """Opens the datagrams of all ports of one connector; counts once per wake-up, not per datagram."""

    def __init__(
        self,
        context: ConnectorContext,
        *,
        access: AccessList,
        usm: UsmReceiver,
        samples: Samples,
        informs: Informs,
        is_forwarder: IsForwarder = lambda _: False,
    ) -> None:
        self._is_forwarder = is_forwarder
        self._samples = samples
        self._connector = context.name
        self._access = access
        self._usm = usm
        self._count = context.count
        self._rejected = context.rejected
        self._informs = informs
        self._now = context.now
        self._facts = context.facts
        self._heads = TrapHeads()
        self._repeats = DecodeCache()
        self._plans = TrapPlans(context.facts())
        self._notes = RefusalNotes(context.name)
        self._reported: Counter[str] = Counter()

    @property
    def unnamed_forwarders(self) -> Collection[str]:
        """Trusted forwarders that have sent messages without naming their device."""
        return self._notes.unnamed

    def admit(self, datagrams: Sequence[Datagram], port: TrapPort) -> list[RawEvent]:
        """Return the events of datagrams; the others are counted by reason."""
        if self._plans.facts is not self._facts():
            self._repeats, self._plans = DecodeCache(), TrapPlans(self._facts())
        connector, local, peer_of = self._connector, port.name, self._access.peer
        received_at, now_s = self._now(), time.monotonic()
        repeat_of, open_known = self._heads.key, self._open_known
        events: list[RawEvent] = []
        rejected: Counter[NotAccepted] = Counter()
        for payload, address in datagrams:
            peer = peer_of(address[0])
            if peer is None:
                rejected[self._refuse("network", address[0], now_s)] += 1
                continue
            repeat = repeat_of(peer, payload)
            known = open_known(repeat) if repeat is not None else None
            if known is not None:
                entry: Entry | NotAccepted = (known, None, b"")
            else:
                entry = self._open(Arrival(payload, address, peer, port, now_s), repeat)
            if isinstance(entry, NotAccepted):
                rejected[entry] += 1
                continue
            trap, on_commit, key = entry
            if self._is_forwarder(peer) and not isinstance(trap, CachedTrap) and is_unnamed(trap):
                self._note_unnamed(peer, now_s)
            is_fleeting = on_commit is None
            events.append(
                _event((connector, payload, received_at, peer, local, trap, on_commit, is_fleeting, key, ()))
            )
        self._count("received", "", len(datagrams))
        for cause, amount in rejected.items():
            self._count(cause.stage, cause.reason, amount)
        return events

    def _open_known(self, repeat: Key) -> PlannedTrap | CachedTrap | None:
        """Open a v2c trap from the cache or by a plan; None: neither knows it, or it is refused."""
        known = self._repeats.find(repeat)
        if known is not None:
            return known
        trap = self._plans.read(repeat[2])
        if trap is None or not self._access.admits(community_of(repeat)):
            return None
        return self._repeats.remember(repeat, trap)

    def _open(self, arrival: Arrival, repeat: Key | None) -> Entry | NotAccepted:
        """Open what is not known.

        Args:
            repeat: Key of a v2c trap; None: it is something else.
        """
        payload = arrival.payload
        try:
            if repeat is None and _V3 in payload[:_VERSION_WITHIN] and version_of(payload) == "3":
                return self._open_v3(arrival)
            trap = decode(payload)
        except DecodeError as error:
            return self._undecodable(error, arrival)
        if not self._access.admits(trap.community):
            return self._refuse("community", arrival.peer, arrival.now_s)
        if repeat is not None:
            return self._repeats.remember(repeat, trap), None, b""
        if not trap.is_inform:
            return trap, None, b""
        key = key_of_inform(arrival.peer, trap.community, payload)
        return self._expect_answer(trap, key, arrival, lambda: answer_v2c(payload, trap))

    def _open_v3(self, arrival: Arrival) -> Entry | NotAccepted:
        opened = self._usm.open(arrival.payload, arrival.now_s, arrival.peer)
        if isinstance(opened, Refusal):
            return self._refuse_v3(opened, arrival)
        trap = decode_pdu(opened.scoped.pdu, version="3", engine_id=opened.sender_engine_id.hex())
        if not trap.is_inform:
            return trap, None, b""
        key = key_of_inform(arrival.peer, opened.message.user, opened.scoped.pdu)
        return self._expect_answer(trap, key, arrival, lambda: answer_v3(self._usm, opened, time.monotonic()))

    def _expect_answer(
        self, trap: Trap, key: bytes, arrival: Arrival, make: Callable[[], bytes]
    ) -> Entry | NotAccepted:
        send = arrival.port.answerer(arrival.address)

        def answer() -> None:
            self._send(send, make())

        taken = self._informs.take(key, answer, arrival.now_s)
        if isinstance(taken, Duplicate):
            return NotAccepted("duplicate", taken.value)
        return trap, taken, key

    def _refuse_v3(self, refusal: Refusal, arrival: Arrival) -> NotAccepted:
        """Count a refused v3 message, and send the report that the standard requires."""
        self._reported[refusal.reason] += 1
        answer = report(self._usm, refusal, count=self._reported[refusal.reason], now_s=arrival.now_s)
        if answer is not None:
            self._send(arrival.port.answerer(arrival.address), answer)
        if refusal.reason in DISCOVERIES:
            return NotAccepted("discovery", refusal.reason)
        fault = refusal.clock_fault
        words = Words(*fault) if fault else words_of(refusal.reason)
        return self._refuse(refusal.reason, arrival.peer, arrival.now_s, words)

    def _undecodable(self, error: DecodeError, arrival: Arrival) -> NotAccepted:
        """Count a message that is not a notification, and keep its beginning."""
        self._samples.keep(error.reason, arrival.peer, arrival.payload)
        words = words_of(error.reason)
        self._rejected(
            arrival.peer,
            error.reason,
            explanation=words.explanation,
            remedy=words.remedy,
            first_bytes=masked(arrival.payload[:KEPT_BYTES]),
        )
        return NotAccepted("undecodable", error.reason)

    def _refuse(self, reason: str, peer: str, now_s: float, words: Words | None = None) -> NotAccepted:
        """Count a refused message, and record its sender."""
        words = words or words_of(reason)
        self._notes.note(reason, peer, now_s, words)
        self._rejected(peer, reason, explanation=words.explanation, remedy=words.remedy)
        return NotAccepted("refused", reason)

    def _note_unnamed(self, peer: str, now_s: float) -> None:
        """Record a trusted forwarder that does not name the device; the message is accepted."""
        words = words_of(UNNAMED)
        self._notes.note_unnamed(peer, now_s, words)
        self._rejected(peer, UNNAMED, explanation=words.explanation, remedy=words.remedy)

    def _send(self, send: Callable[[bytes], None], answer: bytes) -> None:
        """Send a response; a failure is counted, and the sender retransmits."""
        try:
            send(answer)
        except OSError:
            self._count("unanswered", "send_failed")
