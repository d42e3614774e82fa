"""Text messages and voice calls by Twilio."""

from connectors.twilio.channel import TwilioChannel
from connectors.twilio.config import TwilioConfig, check_recipient
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: TwilioConfig) -> ChannelTraits:
    """Return the limits: a long-code number sends one message per second."""
    is_call = config.mode == "voice"
    return ChannelTraits(
        acknowledge_back="button" if is_call else "", longest_text=config.longest_text, per_s=1, at_once=2
    )


TYPE = channel_type(
    "twilio",
    TwilioConfig,
    TwilioChannel,
    previews(TwilioChannel),
    check_recipient=check_recipient,
    recipient_example="+491701234567",
    traits=traits_of,
)
