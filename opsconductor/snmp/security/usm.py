"""USM for received notifications (RFC 3414 section 3.2).

No engine ID is configured: a trap carries its sender's, an inform carries ours, which the sender
discovers first. The keys of a user are localized to an engine when its first message comes and are
cached once a signature was correct; so a flood of invented engine IDs costs one short hash each
and stores nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opsconductor.errors import DecodeError
from opsconductor.limits import BoundedMap
from opsconductor.snmp.message.encode import INFORM
from opsconductor.snmp.security.cipher import CipherUse, decrypt
from opsconductor.snmp.security.engine import MAX_ENGINE_ID, MIN_ENGINE_ID, LocalEngine
from opsconductor.snmp.security.keys import DIGEST_LENGTHS, MasterKeys
from opsconductor.snmp.security.protect import is_signed
from opsconductor.snmp.security.security import PrivProtocol, SecurityLevel, UsmUser
from opsconductor.snmp.security.time_window import CLOCK_FAULTS, ClockFault, RemoteClocks, admit_to
from opsconductor.snmp.security.v3_message import USM, ScopedPdu, V3Message, parse_scoped_pdu, parse_v3

REFUSALS = {
    "unsupported_security_model": "the message uses another security model than USM",
    "invalid_security_level": "the message has encryption without signature",
    "unknown_engine_id": "an inform for another engine: its sender has a wrong engine ID for this daemon",
    "unknown_user": "no user of this name is configured",
    "wrong_security_level": "the user has another security level (noAuthNoPriv, authNoPriv, authPriv)",
    "wrong_digest": "the signature is wrong: check authentication password and protocol",
    "not_in_time_window": "the message is older than 150 seconds, or older than the sender's latest restart",
    "decryption_failed": "the content cannot be decrypted: check privacy password and protocol",
}
"""Why a message is refused: the reason that is counted, and its explanation."""

DISCOVERIES = {
    "engine_discovery": "the sender of an inform discovers our engine ID first",
    "clock_discovery": "the sender of an inform discovers our clock first",
}
"""Reasons that are no fault: the message is part of the discovery (RFC 3414 section 4)."""

MAX_LOCALIZED = 20_000
"""Pairs of user and engine whose keys are cached."""

_BOTH_STRETCHES = {
    PrivProtocol.AES192: PrivProtocol.AES192_REEDER,
    PrivProtocol.AES256: PrivProtocol.AES256_REEDER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A message that is refused.

    Attributes:
        reason: One of `REFUSALS` or `DISCOVERIES`.
        message: What could be read of it, for the report to the sender.
        keys: The user whose signature was correct, when that is known.
        clock: Fault of the sender's clock, one of `CLOCK_FAULTS`; empty: none, or not known.
    """

    reason: str
    message: V3Message
    keys: MasterKeys | None = None
    clock: str = ""

    @property
    def clock_fault(self) -> ClockFault | None:
        """The fault of the sender's clock with its explanation; None: none, or not known."""
        return CLOCK_FAULTS.get(self.clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A timely message from an authenticated user."""

    message: V3Message
    scoped: ScopedPdu
    keys: MasterKeys

    @property
    def sender_engine_id(self) -> bytes:
        """The sender's engine: contextEngineID; in an inform, the authoritative engine is ours."""
        return self.scoped.context_engine_id or self.message.engine_id


@dataclass(slots=True)
class _EngineKeys:
    """The keys of one user for one engine; the encryption key is computed on first use."""

    auth: bytes
    priv: bytes | None = None


class UsmReceiver:
    """Opens messages for a fixed list of users; a name may occur with several passwords."""

    def __init__(self, users: Sequence[UsmUser], engine: LocalEngine) -> None:
        self.engine = engine
        self.clocks = RemoteClocks()
        self._keys: BoundedMap[tuple[int, bytes], _EngineKeys] = BoundedMap(MAX_LOCALIZED)
        self._users: dict[bytes, list[MasterKeys]] = {}
        for user in users:
            self._users.setdefault(user.username.encode(), []).extend(_candidates(user))

    def open(self, payload: bytes, now_s: float, peer: str = "") -> Opened | Refusal:
        """Check the sender of a message and decrypt it.

        Args:
            now_s: Monotonic clock in seconds.
            peer: Address of the sender: each has a clock of its own.

        Raises:
            DecodeError: The bytes are not an SNMPv3 message.
        """
        message = parse_v3(payload)
        reason = self._fault_of_frame(message)
        if reason:
            return Refusal(reason=reason, message=message)
        known = self._users.get(message.user)
        if known is None:
            return Refusal(reason="unknown_user", message=message)
        fitting = [keys for keys in known if keys.user.level is message.level]
        if not fitting:
            return Refusal(reason="wrong_security_level", message=message)
        if message.level is SecurityLevel.NO_AUTH_NO_PRIV:
            return self._read(message, fitting)
        signers = [keys for keys in fitting if self._is_signed_by(keys, message, payload)]
        if not signers:
            return Refusal(reason="wrong_digest", message=message)
        return self._untimely(message, signers, now_s, peer) or self._read(message, signers)

    def keys_for(self, keys: MasterKeys, engine_id: bytes) -> tuple[bytes, bytes]:
        """Return signing and encryption key of a user for an engine; empty where the user has none."""
        entry = self._localized(keys, engine_id)
        priv = self._priv_key(keys, engine_id) if keys.user.priv_protocol else b""
        return entry.auth, priv

    def _fault_of_frame(self, message: V3Message) -> str | None:
        if message.security_model != USM:
            return "unsupported_security_model"
        if message.level is None:
            return "invalid_security_level"
        if not message.engine_id and message.reportable:
            return "engine_discovery"
        if not MIN_ENGINE_ID <= len(message.engine_id) <= MAX_ENGINE_ID:
            return "unknown_engine_id"
        return None

    def _untimely(
        self, message: V3Message, signers: Sequence[MasterKeys], now_s: float, peer: str
    ) -> Refusal | None:
        """Check the clock of a signed message; None: it is timely, or its user has `time_window: relaxed`."""
        boots, time_s = message.boots, message.time_s
        clock = ""
        if message.engine_id != self.engine.engine_id:
            clock = self.clocks.admit(message.engine_id, boots, time_s, peer=peer, now_s=now_s)
            if not clock or any(keys.user.is_replay_accepted for keys in signers):
                return None
        elif admit_to(self.engine, boots, time_s, now_s=now_s):
            return None
        elif not boots and not time_s:
            return Refusal(reason="clock_discovery", message=message, keys=signers[0])
        return Refusal(reason="not_in_time_window", message=message, keys=signers[0], clock=clock)

    def _is_signed_by(self, keys: MasterKeys, message: V3Message, payload: bytes) -> bool:
        protocol = keys.user.auth_protocol
        assert protocol is not None
        if len(message.auth_params) != DIGEST_LENGTHS[protocol]:
            return False  # without a hash to make a key
        entry = self._localized(keys, message.engine_id)
        if not is_signed(message, payload, protocol, entry.auth):
            return False
        self._keys[id(keys), message.engine_id] = entry
        return True

    def _localized(self, keys: MasterKeys, engine_id: bytes) -> _EngineKeys:
        entry = self._keys.get((id(keys), engine_id))
        if entry is None:
            entry = _EngineKeys(keys.auth_key(engine_id) if keys.user.auth_protocol else b"")
        return entry

    def _priv_key(self, keys: MasterKeys, engine_id: bytes) -> bytes:
        entry = self._localized(keys, engine_id)
        if entry.priv is None:
            entry.priv = keys.priv_key(engine_id)
        return entry.priv

    def _read(self, message: V3Message, candidates: Sequence[MasterKeys]) -> Opened | Refusal:
        """Decrypt with each candidate until the result is valid."""
        for keys in candidates:
            data = self._plain(keys, message)
            scoped = None if data is None else _scoped(data, is_certain=data is message.data)
            if scoped is not None:
                return self._wrong_engine(Opened(message=message, scoped=scoped, keys=keys))
        return Refusal(reason="decryption_failed", message=message)

    def _plain(self, keys: MasterKeys, message: V3Message) -> bytes | None:
        protocol = keys.user.priv_protocol
        if protocol is None:
            return message.data
        key = self._priv_key(keys, message.engine_id)
        use = CipherUse(protocol=protocol, key=key, boots=message.boots, time_s=message.time_s)
        return decrypt(use, message.priv_params, message.data)

    def _wrong_engine(self, opened: Opened) -> Opened | Refusal:
        """Refuse an inform for another engine, perhaps for an earlier engine ID of ours."""
        is_ours = opened.message.engine_id == self.engine.engine_id
        if opened.scoped.pdu[0] == INFORM and not is_ours:
            return Refusal(reason="unknown_engine_id", message=opened.message)
        return opened


def _candidates(user: UsmUser) -> list[MasterKeys]:
    """Return the possible keys of a user: vendors extend AES keys by two methods."""
    first = MasterKeys(user)
    other = _BOTH_STRETCHES.get(user.priv_protocol) if user.priv_protocol else None
    return [first] if other is None else [first, MasterKeys(replace(user, priv_protocol=other))]


def _scoped(data: bytes, *, is_certain: bool) -> ScopedPdu | None:
    """Parse a scoped PDU; after decryption a fault in it means a wrong key."""
    try:
        return parse_scoped_pdu(data)
    except DecodeError:
        if is_certain:
            raise
        return None
