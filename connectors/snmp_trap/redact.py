"""Archived form of a trap."""

from opsconductor.model.event import RawEvent
from opsconductor.snmp.message.record import masked_record, open_record
from opsconductor.snmp.message.trap import Trap


def redacted(raw: RawEvent) -> bytes:
    """Return the message without secrets for the archive: decrypted, its community overwritten.

    Raises:
        DecodeError: The bytes are not a message of v1 or v2c.
    """
    if isinstance(raw.parsed, Trap) and raw.parsed.version == "3":
        return open_record(raw.parsed)
    return masked_record(raw.payload)
