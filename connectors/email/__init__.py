"""E-mail notifications through an SMTP server."""

from connectors.email.address import one_address
from connectors.email.channel import EmailChannel
from connectors.email.config import EmailConfig
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext


def build(config: EmailConfig, context: ConnectorContext) -> EmailChannel:
    """Return the channel; it connects when it sends."""
    del context
    return EmailChannel(config)


TYPE = channel_type(
    "email",
    EmailConfig,
    build,
    check_recipient=one_address,
    recipient_example="noc@example.net",
)
