"""Everything that talks to the outside, in or out: the visible list of connectors.

Third parties add theirs through the entry-point group `opsconductor.connectors`.
"""

from connectors import eaton, email, mqtt, netbox, prtg, snmp_poll, snmp_trap, webhook, webhook_in
from opsconductor.connector.interface import Kind

SOURCES: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        eaton.KIND,
        mqtt.KIND,
        prtg.KIND,
        snmp_poll.KIND,
        snmp_trap.KIND,
        webhook_in.KIND,
    )
}
INVENTORIES: dict[str, Kind] = {kind.name: kind for kind in (netbox.KIND,)}
CHANNELS: dict[str, Kind] = {kind.name: kind for kind in (email.KIND, webhook.KIND)}
