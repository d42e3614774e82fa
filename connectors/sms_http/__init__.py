"""Text messages by an HTTP gateway of any maker."""

from connectors.sms_http.channel import SmsHttpChannel
from connectors.sms_http.config import SmsHttpConfig, check_recipient
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext


def build(config: SmsHttpConfig, context: ConnectorContext) -> SmsHttpChannel:
    """Return the channel; it connects when it sends."""
    return SmsHttpChannel(config, context)


def traits_of(config: SmsHttpConfig) -> ChannelTraits:
    """Return the configured limits."""
    return ChannelTraits(longest_text=config.longest_text, per_s=config.per_s, at_once=2)


TYPE = channel_type(
    "sms_http",
    SmsHttpConfig,
    build,
    check_recipient=check_recipient,
    recipient_example="+491701234567",
    traits=traits_of,
)
