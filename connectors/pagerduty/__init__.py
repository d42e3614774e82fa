"""Incidents in PagerDuty, by its Events API v2."""

from connectors.pagerduty.channel import PagerDutyChannel
from connectors.pagerduty.config import PagerDutyConfig
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type
from opsconductor.connector.context import ConnectorContext


def build(config: PagerDutyConfig, context: ConnectorContext) -> PagerDutyChannel:
    """Return the channel; it connects when it sends."""
    return PagerDutyChannel(config, context)


def traits_of(config: PagerDutyConfig) -> ChannelTraits:
    """Return abilities and limits: an incident is updated by its key."""
    del config
    return ChannelTraits(
        updates=True, threads=True, acknowledges=True, keeps_open=True, longest_text=1_024, per_s=10
    )


TYPE = channel_type("pagerduty", PagerDutyConfig, build, traits=traits_of)
