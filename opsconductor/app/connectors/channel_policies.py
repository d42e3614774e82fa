"""How the messages of each channel may be combined, from the traits of its type and the settings."""

from collections.abc import Mapping

from pydantic import ValidationError

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.notification_settings import NotificationSettings
from opsconductor.config.secrets import resolve_into
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import ChannelType
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from opsconductor.store.configuration import ConnectorRow

STAND_IN = "placeholder for a secret"


def policies_of(
    rows: Mapping[str, ConnectorRow], settings: NotificationSettings
) -> Mapping[str, ChannelPolicy]:
    """Return the policy of every channel; one whose configuration is wrong sends nothing, and gets none."""
    limit = limit_of(settings)
    policies: dict[str, ChannelPolicy] = {}
    for name, row in rows.items():
        traits = _traits_of(row)
        if traits is not None:
            is_limited = (
                traits.for_people and not traits.keeps_open and name not in settings.unlimited_channels
            )
            policies[name] = ChannelPolicy(
                limit=limit if is_limited else None, is_single=traits.keeps_open, updates=traits.updates
            )
    return policies


def limit_of(settings: NotificationSettings) -> RecipientLimit | None:
    """Return the limit for each recipient; None: the settings turn it off."""
    given = settings.recipient_limit
    if given.messages == 0:
        return None
    return RecipientLimit(messages=given.messages, within=given.within, summary_every=given.summary_every)


def _traits_of(row: ConnectorRow) -> ChannelTraits | None:
    connector_type = installed_types().known.get(row.type)
    if not isinstance(connector_type, ChannelType):
        return None
    config = resolve_into(row.config, lambda _: STAND_IN, lambda _path, _error: None)
    try:
        return connector_type.traits_of(connector_type.config.model_validate(config))
    except ValidationError:
        return None
