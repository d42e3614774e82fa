"""Measures what a trap of six variables costs before the engine: `python -m tests.benchmarks.bench_decode`.

Two loads: a storm (1,000 ports, again and again) and all distinct (nothing was ever seen before);
beside them, what pysnmp needs for decoding alone. Microseconds of CPU for one trap, best of five.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pyasn1.codec.ber import decoder
from pysnmp.proto import api

from connectors.snmp_trap.normalize import normalize
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.mapping import OidMapping, SeverityMap
from opsconductor.model.mappings.table import MappingTable
from opsconductor.snmp.message.ber import decode
from tests.benchmarks.load.traps import link_down

TRAPS = 20_000
ROUNDS = 5
PYSNMP_TRAPS = 200
NOW = datetime(2026, 1, 2, tzinfo=UTC)
MAPPINGS = MappingTable(
    [
        OidMapping(
            oid_pattern="1.3.6.1.6.3.1.1.5.3",
            alert_type="network_link_down",
            category=Category.NETWORK,
            default_severity=Severity.MAJOR,
            title_template="Link Down - {device_name} {resource}",
            description="An interface has gone down.",
            clear_oid_pattern="1.3.6.1.6.3.1.1.5.4",
            resource_expression="ifIndex={1.3.6.1.2.1.2.2.1.1}",
            severity_map=SeverityMap(varbind="1.3.6.1.2.1.2.2.1.7", values={"2": Severity.INFO}),
            is_cutting=True,
        )
    ]
)


def main() -> None:
    """Print the table."""
    distinct = [
        [link_down(each * TRAPS + number, number) for number in range(TRAPS)] for each in range(ROUNDS)
    ]
    storm = [[link_down(number % 1_000, number) for number in range(TRAPS)]] * ROUNDS
    print(f"CPU us for a trap of six variables ({len(storm[0][0])} bytes)")
    for name, rounds in (("storm over 1,000 ports", storm), ("all distinct", distinct)):
        print(f"  {name}")
        print(f"    decode                {cost(decode, rounds):8.1f}")
        print(f"    decode and normalize  {cost(decode_and_normalize, rounds):8.1f}")
    theirs = cost(decode_by_pysnmp, [storm[0][:PYSNMP_TRAPS]] * ROUNDS)
    print(f"  pysnmp, decode alone    {theirs:8.1f}")


def cost(step: Callable[[bytes], object], rounds: Sequence[Sequence[bytes]]) -> float:
    """Measure a step: microseconds of CPU for one packet in the best of the rounds."""
    best = float("inf")
    for packets in rounds:
        begun = time.process_time()
        for packet in packets:
            step(packet)
        best = min(best, (time.process_time() - begun) / len(packets))
    return best * 1e6


def decode_and_normalize(packet: bytes) -> object:
    """Do what the daemon does with a datagram before the engine sees it, raw event included."""
    raw = RawEvent(
        connector="traps", payload=packet, received_at=NOW, peer="192.0.2.1", parsed=decode(packet)
    )
    return normalize(
        raw, mappings=MAPPINGS, vendor_of=_no_vendor, is_forwarder=_is_no_forwarder, facts=standard_facts()
    )


def _no_vendor(_: str) -> str | None:
    return None


def _is_no_forwarder(_: str) -> bool:
    return False


def decode_by_pysnmp(packet: bytes) -> object:
    """Decode as pysnmp's receiver does: message, PDU, variables."""
    module = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
    message, _ = decoder.decode(packet, asn1Spec=module.Message())
    return module.apiPDU.get_varbinds(module.apiMessage.get_pdu(message))


if __name__ == "__main__":
    main()
