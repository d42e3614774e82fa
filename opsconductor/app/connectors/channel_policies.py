"""How the messages of each channel may be combined, from the traits of its type and the settings."""

from collections.abc import Mapping

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.channel_traits import traits_in
from opsconductor.config.sections.notification import NotificationSettings
from opsconductor.model.notifications.policy import ChannelPolicy, RecipientLimit
from opsconductor.store.configuration import ConnectorRow


def policies_of(
    rows: Mapping[str, ConnectorRow], settings: NotificationSettings
) -> Mapping[str, ChannelPolicy]:
    """Return the policy of every channel; one whose configuration is wrong sends nothing, and gets none."""
    limit, types = limit_of(settings), installed_types().known
    policies: dict[str, ChannelPolicy] = {}
    for name, row in rows.items():
        traits = traits_in(types.get(row.type), row.config)
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
