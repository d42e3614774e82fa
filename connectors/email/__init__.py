"""E-mail notifications through an SMTP server."""

from connectors.email.address import one_address
from connectors.email.channel import EmailChannel
from connectors.email.config import EmailConfig
from opsconductor.connector.abilities import previews, sends_files, works
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: EmailConfig) -> ChannelTraits:
    """Return the abilities: mails about one alert are one thread."""
    del config
    return ChannelTraits(threads=True, acknowledge_back="link", pictures=True)


TYPE = channel_type(
    "email",
    EmailConfig,
    EmailChannel,
    previews(EmailChannel),
    works(EmailChannel),
    sends_files(EmailChannel),
    check_recipient=one_address,
    recipient_example="noc@example.net",
    traits=traits_of,
)
