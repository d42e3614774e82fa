"""Notifications as syslog messages (RFC 5424) over UDP, TCP or TLS."""

from connectors.syslog_out.channel import SyslogOutChannel
from connectors.syslog_out.config import SyslogOutConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: SyslogOutConfig) -> ChannelTraits:
    """Return the limits: that of a datagram for UDP; a program reads the messages."""
    return ChannelTraits(for_people=False, longest_text=config.longest_bytes)


TYPE = channel_type("syslog_out", SyslogOutConfig, SyslogOutChannel, traits=traits_of)
