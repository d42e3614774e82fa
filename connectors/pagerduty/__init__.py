"""Incidents in PagerDuty, by its Events API v2."""

from connectors.pagerduty.channel import PagerDutyChannel
from connectors.pagerduty.config import PagerDutyConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: PagerDutyConfig) -> ChannelTraits:
    """Return abilities and limits: an incident is updated by its key."""
    del config
    return ChannelTraits(
        updates=True, threads=True, acknowledges=True, keeps_open=True, longest_text=1_024, per_s=10
    )


TYPE = channel_type("pagerduty", PagerDutyConfig, PagerDutyChannel, traits=traits_of)
