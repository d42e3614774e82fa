"""Posts notifications as signed JSON to a URL."""

from connectors.webhook.channel import WebhookChannel
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.interface import ConnectorContext


def build(config: WebhookConfig, surroundings: ConnectorContext) -> WebhookChannel:
    """Make the channel; it connects when it sends."""
    del surroundings
    return WebhookChannel(config)


TYPE = channel_type("webhook", WebhookConfig, build)
