"""Push notifications by Gotify."""

from connectors.gotify.channel import GotifyChannel
from connectors.gotify.config import GotifyConfig
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: GotifyConfig) -> ChannelTraits:
    """Return the limits; Gotify has none of its own."""
    del config
    return ChannelTraits(acknowledge_back="link", longest_text=10_000)


TYPE = channel_type("gotify", GotifyConfig, GotifyChannel, previews(GotifyChannel), traits=traits_of)
