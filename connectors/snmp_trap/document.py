"""The forms in which a trap is kept: as JSON with its alert, without secrets in the archive."""

from collections.abc import Mapping

from opsconductor.mib.decode.naming import name_of, notification_name
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.event import RawEvent
from opsconductor.snmp.message.record import masked_record, open_record
from opsconductor.snmp.message.trap import Trap, Varbind
from opsconductor.snmp.message.values import type_name
from opsconductor.snmp.variable import readers_of

MOST_VARBINDS = 256


def document_of(trap: Trap, peer: str, forwarder: str, facts: MibFacts) -> Mapping[str, object]:
    """Return the content of a trap, without its community.

    Args:
        peer: Address of the sender.
        forwarder: The trusted forwarder that passed it on; empty: it came directly.

    Returns:
        `trap_oid`, `version`, `peer`, `varbinds` (each `oid`, `name` where known, `type`, `value`, and
        `meaning` where the value does not contain it: the label of a number, names of bits, units),
        and where present `uptime_s`, `enterprise`, `agent_address`, `trap_address`, `engine_id`,
        `forwarder`, `varbinds_left_out` and `damage` (deviations from the standard).
    """
    optional = {
        "trap_name": notification_name(facts, trap.trap_oid),
        "uptime_s": None if trap.uptime is None else trap.uptime / 100,
        "enterprise": trap.enterprise,
        "agent_address": trap.agent_address,
        "trap_address": trap.trap_address,
        "engine_id": trap.engine_id,
        "forwarder": forwarder,
        "damage": list(trap.faults) or None,
        "varbinds_left_out": max(0, len(trap.varbinds) - MOST_VARBINDS) or None,
    }
    return {
        "trap_oid": trap.trap_oid,
        "version": trap.version,
        "pdu": "inform" if trap.is_inform else "trap",
        "peer": peer,
        **{name: value for name, value in optional.items() if value not in (None, "")},
        "varbinds": [_varbind(varbind, facts) for varbind in trap.varbinds[:MOST_VARBINDS]],
    }


def _varbind(varbind: Varbind, facts: MibFacts) -> Mapping[str, object]:
    oid, tag, content = varbind
    name = name_of(facts, oid)
    value = readers_of(facts).of(oid, tag).read(content)
    return {
        "oid": oid,
        **({"name": name} if name else {}),
        "type": type_name(tag),
        "value": value.json,
        **({"meaning": value.meaning} if value.meaning else {}),
    }


def redacted(raw: RawEvent) -> bytes:
    """Return the message without secrets for the archive: decrypted, its community overwritten.

    Raises:
        DecodeError: The bytes are not a message of v1 or v2c.
    """
    if isinstance(raw.parsed, Trap) and raw.parsed.version == "3":
        return open_record(raw.parsed)
    return masked_record(raw.payload)
