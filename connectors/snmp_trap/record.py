"""What the archive keeps of a trap."""

from opsconductor.model.event import RawEvent
from opsconductor.snmp.message.record import masked_record, open_record
from opsconductor.snmp.message.trap import Trap


def record(raw: RawEvent) -> bytes:
    """Write the message so that nobody needs or finds a secret in it: decrypted, its community overwritten.

    Raises:
        DecodeError: The bytes are no message of v1 or v2c.
    """
    if isinstance(raw.parsed, Trap) and raw.parsed.version == "3":
        return open_record(raw.parsed)
    return masked_record(raw.payload)
