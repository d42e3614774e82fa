"""Text messages by an HTTP gateway of any maker."""

from connectors.sms_http.channel import SmsHttpChannel
from connectors.sms_http.config import SmsHttpConfig, check_recipient
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: SmsHttpConfig) -> ChannelTraits:
    """Return the configured limits."""
    return ChannelTraits(longest_text=config.longest_text, per_s=config.per_s, at_once=2)


TYPE = channel_type(
    "sms_http",
    SmsHttpConfig,
    SmsHttpChannel,
    check_recipient=check_recipient,
    recipient_example="+491701234567",
    traits=traits_of,
)
