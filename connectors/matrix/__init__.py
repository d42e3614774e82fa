"""Notifications in rooms of Matrix."""

from connectors.matrix.channel import MatrixChannel
from connectors.matrix.config import MatrixConfig, check_recipient
from opsconductor.connector.abilities import previews
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: MatrixConfig) -> ChannelTraits:
    """Return abilities and limits; an event has at most 64 KiB, most of it for HTML."""
    del config
    return ChannelTraits(
        acknowledge_back="link", updates=True, threads=True, longest_text=8_000, per_s=1, at_once=2
    )


TYPE = channel_type(
    "matrix",
    MatrixConfig,
    MatrixChannel,
    previews(MatrixChannel),
    check_recipient=check_recipient,
    recipient_example="!abcdef:example.net",
    traits=traits_of,
)
