"""Notifications in Mattermost and Rocket.Chat, whose incoming webhooks take the same messages."""

from connectors.mattermost.channel import MattermostChannel
from connectors.mattermost.config import MattermostConfig, check_recipient
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: MattermostConfig) -> ChannelTraits:
    """Return what the bot of Mattermost can do, or a webhook."""
    is_bot = config.bot_token is not None
    return ChannelTraits(acknowledge_back="link", updates=is_bot, threads=is_bot, longest_text=4_000, per_s=5)


TYPE = channel_type(
    "mattermost",
    MattermostConfig,
    MattermostChannel,
    previews(MattermostChannel),
    check_recipient=check_recipient,
    recipient_example="noc",
    traits=traits_of,
)
