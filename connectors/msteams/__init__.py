"""Notifications in Microsoft Teams, as adaptive cards posted to a workflow."""

from connectors.msteams.channel import MsTeamsChannel
from connectors.msteams.config import MsTeamsConfig
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: MsTeamsConfig) -> ChannelTraits:
    """Return the limits: Teams throttles above four requests per second."""
    del config
    return ChannelTraits(acknowledge_back="link", longest_text=20_000, per_s=2, at_once=2)


TYPE = channel_type("msteams", MsTeamsConfig, MsTeamsChannel, previews(MsTeamsChannel), traits=traits_of)
