"""Issues in Jira: one for each cause, opened, commented and closed."""

from connectors.jira.channel import JiraChannel
from connectors.jira.config import JiraConfig, check_recipient
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: JiraConfig) -> ChannelTraits:
    """Return abilities and limits."""
    del config
    return ChannelTraits(updates=True, threads=True, keeps_open=True, longest_text=30_000, per_s=5, at_once=2)


TYPE = channel_type(
    "jira",
    JiraConfig,
    JiraChannel,
    check_recipient=check_recipient,
    recipient_example="NOC",
    traits=traits_of,
)
