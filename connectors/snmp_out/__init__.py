"""Notifications as SNMP traps and informs northbound, and forwarded traps of devices."""

from connectors.snmp_out.channel import SnmpOutChannel
from connectors.snmp_out.config import SnmpOutConfig
from connectors.snmp_out.varbinds import LONGEST_TEXT
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: SnmpOutConfig) -> ChannelTraits:
    """Return the limits; what is sent stays open at the receiver until the recovery."""
    del config
    return ChannelTraits(for_people=False, keeps_open=True, longest_text=LONGEST_TEXT, at_once=4)


TYPE = channel_type("snmp_out", SnmpOutConfig, SnmpOutChannel, traits=traits_of)
