"""Push notifications by Gotify."""

from connectors.gotify.channel import GotifyChannel
from connectors.gotify.config import GotifyConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext


def build(config: GotifyConfig, context: ConnectorContext) -> GotifyChannel:
    """Return the channel; it connects when it sends."""
    return GotifyChannel(config, context)


def traits_of(config: GotifyConfig) -> ChannelTraits:
    """Return the limits; Gotify has none of its own."""
    del config
    return ChannelTraits(acknowledge_back="link", longest_text=10_000)


TYPE = channel_type("gotify", GotifyConfig, build, traits=traits_of)
