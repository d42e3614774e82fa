"""What the archive keeps of a trap."""

from opsconductor.model.event import RawEvent
from opsconductor.snmp.record import masked_record, open_record
from opsconductor.snmp.trap import Trap


def record(raw: RawEvent) -> bytes:
    """Write the message so that nobody needs or finds a secret in it: decrypted, its community overwritten.

    Raises:
        DecodeError: The bytes are no message of v1 or v2c.
    """
    return record_of(raw.payload, raw.parsed)


def record_of(payload: bytes, parsed: object) -> bytes:
    """Write a message for the archive, given its bytes and, of an SNMPv3 message, what was decrypted."""
    if isinstance(parsed, Trap) and parsed.version == "3":
        return open_record(parsed)
    return masked_record(payload)
