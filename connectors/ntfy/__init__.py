"""Push notifications by ntfy."""

from connectors.ntfy.channel import NtfyChannel
from connectors.ntfy.config import NtfyConfig, check_recipient
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: NtfyConfig) -> ChannelTraits:
    """Return the limits: ntfy.sh takes 60 requests at once and then one every five seconds."""
    del config
    return ChannelTraits(acknowledge_back="button", longest_text=4_000, per_s=5, at_once=2)


TYPE = channel_type(
    "ntfy",
    NtfyConfig,
    NtfyChannel,
    previews(NtfyChannel),
    check_recipient=check_recipient,
    recipient_example="noc",
    traits=traits_of,
)
