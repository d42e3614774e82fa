"""Acme: appends notifications to a file."""

from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext

from .channel import AcmeChannel
from .config import AcmeConfig


def build(config: AcmeConfig, context: ConnectorContext) -> AcmeChannel:
    """Return the channel; it opens the file when it sends."""
    del context
    return AcmeChannel(config)


TYPE = channel_type("acme", AcmeConfig, build)
