"""Notifications posted to a URL: as signed JSON, or in a form of one's own."""

from connectors.webhook.channel import WebhookChannel
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext


def build(config: WebhookConfig, context: ConnectorContext) -> WebhookChannel:
    """Return the channel; it connects when it sends."""
    return WebhookChannel(config, context)


def traits_of(config: WebhookConfig) -> ChannelTraits:
    """Return that a program reads the messages, which needs every one of them."""
    del config
    return ChannelTraits(acknowledge_back="link", for_people=False)


TYPE = channel_type("webhook", WebhookConfig, build, traits=traits_of)
