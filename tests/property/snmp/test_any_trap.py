"""Any trap that the decoder accepts is stored, listed, shown in any zone, loaded again and exported.

As `test_any_value.py` shows for what other connectors read. The values of variables have any type and any
bytes, sound ones and those of a broken agent; against the real PostgreSQL.
"""

from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.ber import decode, decode_pdu
from opsconductor.snmp.message.encode import (
    GENERIC_TRAPS,
    INFORM,
    TRAP_V2,
    integer,
    message_v2c,
    notification_varbinds,
    pdu,
    trap_v1,
)
from opsconductor.snmp.message.trap import Trap, Varbind
from tests.property.operators.test_any_value import CHECKED, NUMBERS, TEXTS
from tests.property.snmp.test_hostile_packets import EVERYTHING
from tests.support.engine.flow import UNMAPPED, source_of, take_all

TRAPS_IN_A_BATCH = 15
TAGS = (0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x80, 0x81, 0x82, 0x30)
"""Integer, octets, null, OID, IpAddress, Counter32, Gauge32, TimeTicks, Opaque, NsapAddress, Counter64,
Uinteger32, the three exceptions, a sequence."""
NAMES = (
    "1.3.6.1.2.1.1.5.0",  # sysName.0
    "1.3.6.1.6.3.18.1.3.0",  # snmpTrapAddress.0
    "1.3.6.1.6.3.18.1.4.0",  # snmpTrapCommunity.0
    "1.3.6.1.6.3.1.1.4.1.0",  # snmpTrapOID.0, once more
    "1.3.6.1.2.1.2.2.1.1.7",  # ifIndex
    "1.3.6.1.2.1.2.2.1.2.7",  # ifDescr
    "1.3.6.1.2.1.2.2.1.8.7",  # ifOperStatus
    "1.3.6.1.2.1.31.1.1.1.18.7",  # ifAlias
    "1.3.6.1.4.1.9.9.41.1.2.3.1.5.1",  # a vendor's message
)
TRAP_OIDS = (
    *(f"{GENERIC_TRAPS}.{number}" for number in range(1, 7)),
    "1.3.6.1.4.1.9.9.41.2.0.1",
    "1.3.6.1.4.1.534.1.11.4.1.0.3",
    "1.3.6.1.4.1.8072.4.0.2",
    "2.999.1",
)
arcs = st.integers(0, 2**32 - 1)
oids = st.lists(arcs, min_size=1, max_size=12).map(lambda tail: ".".join(map(str, (1, 3, 6, 1, *tail))))
DATES = (b"\x07\xe8\x02\x1e\x19\x3d\x3d\x0a+\x19\x63", b"\xff" * 8, b"\0" * 11)
"""DateAndTime with impossible parts (RFC 2579)."""
contents = (
    st.binary(max_size=24)
    | st.sampled_from(DATES)
    | st.sampled_from([text.encode("utf-8", "surrogatepass") for text in TEXTS])
    | st.sampled_from([text.encode("utf-16", "surrogatepass") for text in TEXTS])
    | st.sampled_from([number for number in NUMBERS if isinstance(number, int)]).map(
        lambda number: integer(number)[2:] if abs(number) < 2**900 else b"\x7f" * 200
    )
    | st.sampled_from(
        [b"\x9f\x78\x04\x7f\xc0\0\0", b"\x9f\x78\x04\x7f\x80\0\0", b"\x9f\x79\x08" + b"\xff" * 8]
    )
)
varbinds: st.SearchStrategy[Varbind] = st.tuples(
    st.sampled_from(NAMES) | oids, st.sampled_from(TAGS) | st.integers(0, 0x9E), contents
)
lists = st.lists(varbinds, max_size=8)
trap_oids = st.sampled_from(TRAP_OIDS) | oids


@st.composite
def traps(draw: st.DrawFn) -> tuple[bytes, Trap] | None:
    """Encode a notification of any version and decode it; None: the decoder refuses it."""
    trap_oid, values, uptime = draw(trap_oids), draw(lists), draw(st.integers(0, 2**32 - 1))
    version = draw(st.sampled_from(["1", "2c", "3"]))
    if version == "1":
        agent = IPv4Address(draw(st.sampled_from([0, 2**32 - 1, 0x7F000001, 0x0A000001])))
        packet = trap_v1(b"public", trap_oid, agent=agent, uptime=uptime, varbinds=values)
    else:
        tag = draw(st.sampled_from([TRAP_V2, INFORM]))
        body = pdu(tag, draw(arcs), notification_varbinds(trap_oid, uptime, values))
        packet = body if version == "3" else message_v2c(b"public", body)
    try:
        return packet, decode_pdu(packet, engine_id="80001f8804") if version == "3" else decode(packet)
    except DecodeError:
        return None


@CHECKED
@given(
    drawn=st.lists(traps(), min_size=5, max_size=TRAPS_IN_A_BATCH),
    mappings=st.sampled_from([EVERYTHING, UNMAPPED]),
)
def test_any_trap_that_the_decoder_accepts(
    drawn: list[tuple[bytes, Trap] | None], mappings: MappingTable, database_url: str, tmp_path: Path
) -> None:
    """Of v1, v2c and v3, mapped and unmapped, in one batch with others."""
    source = source_of("snmp_trap", "traps", {"communities": ["public"]}, tmp_path, mappings=mappings)
    raws = [
        RawEvent(
            "traps", packet, datetime.now(UTC), peer=f"10.9.9.{number}", local="0.0.0.0:162", parsed=trap
        )
        for number, (packet, trap) in enumerate(filter(None, drawn))
    ]
    changes = take_all(database_url, raws, {"traps": source})
    assert len(changes.archive) == len(raws)
    assert all(event.payload is not None for event in changes.archive)
