"""Notifications through Apprise, for every receiver that has no channel of its own."""

from connectors.apprise_out.channel import AppriseOutChannel
from connectors.apprise_out.config import AppriseOutConfig
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: AppriseOutConfig) -> ChannelTraits:
    """Return the limits: Apprise works in threads."""
    del config
    return ChannelTraits(acknowledge_back="link", per_s=1, at_once=2)


TYPE = channel_type(
    "apprise_out", AppriseOutConfig, AppriseOutChannel, previews(AppriseOutChannel), traits=traits_of
)
