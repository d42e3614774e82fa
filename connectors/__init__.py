"""Everything that talks to the outside, in or out: the visible list of connectors.

Third parties add theirs through the entry-point group `opsconductor.connectors`.
"""

from connectors import eaton, email, mqtt, netbox, prtg, snmp_poll, snmp_trap, webhook, webhook_in
from opsconductor.connector.connector_type import ChannelType, InventoryType, SourceType

SOURCES: dict[str, SourceType] = {
    kind.name: kind
    for kind in (
        eaton.TYPE,
        mqtt.TYPE,
        prtg.TYPE,
        snmp_poll.TYPE,
        snmp_trap.TYPE,
        webhook_in.TYPE,
    )
}
INVENTORIES: dict[str, InventoryType] = {kind.name: kind for kind in (netbox.TYPE,)}
CHANNELS: dict[str, ChannelType] = {kind.name: kind for kind in (email.TYPE, webhook.TYPE)}
