"""Abilities and limits of a channel, from its configuration as it is stored."""

from collections.abc import Mapping
from typing import Any

from opsconductor.config.secrets import resolve_into
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import ChannelType, ConnectorType
from opsconductor.guard import guarded

STAND_IN = "placeholder for a secret"


def traits_in(connector_type: ConnectorType | None, config: Mapping[str, Any]) -> ChannelTraits | None:
    """Return the traits of a channel with this configuration; None: it is no channel, is wrong or fails.

    Args:
        config: Secrets may be references; they are not looked up.
    """
    if not isinstance(connector_type, ChannelType):
        return None
    filled = resolve_into(config, lambda _: STAND_IN, lambda _path, _error: None)
    with guarded():  # that it fails is the status of the connector
        return connector_type.traits_of(connector_type.validated(filled))
    return None
