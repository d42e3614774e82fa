"""Posts notifications as signed JSON to a URL."""

from connectors.webhook.channel import WebhookChannel
from connectors.webhook.config import WebhookConfig
from opsconductor.connector.interface import Kind, Role, Surroundings


def build(config: WebhookConfig, surroundings: Surroundings) -> WebhookChannel:
    """Make the channel; it connects when it sends."""
    del surroundings
    return WebhookChannel(config)


KIND = Kind(name="webhook", config=WebhookConfig, build=build, role=Role.CHANNEL)
