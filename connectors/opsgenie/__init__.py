"""Alerts in Jira Service Management (operations) and Opsgenie, which have the same API."""

from connectors.opsgenie.channel import OpsgenieChannel
from connectors.opsgenie.config import OpsgenieConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: OpsgenieConfig) -> ChannelTraits:
    """Return abilities and limits: an alert is updated by its alias."""
    del config
    return ChannelTraits(
        updates=True, threads=True, acknowledges=True, keeps_open=True, longest_text=15_000, per_s=5
    )


TYPE = channel_type("opsgenie", OpsgenieConfig, OpsgenieChannel, recipient_example="NOC", traits=traits_of)
