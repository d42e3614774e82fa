"""Notifications posted to a URL: as signed JSON, or in a form of one's own."""

from connectors.webhook.channel import WebhookChannel
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: WebhookConfig) -> ChannelTraits:
    """Return the traits: a program reads the messages, and needs every one of them."""
    del config
    return ChannelTraits(acknowledge_back="link", for_people=False)


TYPE = channel_type("webhook", WebhookConfig, WebhookChannel, previews(WebhookChannel), traits=traits_of)
