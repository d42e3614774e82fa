"""Incidents in ServiceNow: one for each cause, opened, updated and resolved."""

from connectors.servicenow.channel import ServiceNowChannel
from connectors.servicenow.config import ServiceNowConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: ServiceNowConfig) -> ChannelTraits:
    """Return abilities and limits."""
    del config
    return ChannelTraits(updates=True, threads=True, keeps_open=True, longest_text=4_000, per_s=5, at_once=2)


TYPE = channel_type(
    "servicenow", ServiceNowConfig, ServiceNowChannel, recipient_example="Network", traits=traits_of
)
