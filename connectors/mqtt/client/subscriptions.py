"""Subscriptions at the broker: the filters of the current rules, without those of removed rules.

The broker keeps subscriptions with our session, so the filters of earlier configurations are stored here.
"""

import asyncio
import json
import logging
from collections.abc import Sequence

from connectors.mqtt.client.connection import BrokerConnection
from connectors.mqtt.config import MqttConfig
from connectors.mqtt.memory import file_of, read_file, write_file
from connectors.mqtt.topic import fewest
from opsconductor.connector.context import ConnectorContext

log = logging.getLogger(__name__)


class Subscriptions:
    """The filters of one connector.

    Attributes:
        filters: Without the group of a shared subscription.
    """

    def __init__(self, config: MqttConfig, context: ConnectorContext) -> None:
        self.filters = fewest(one for rule in config.rules for one in rule.pattern.filters)
        share = "" if config.share is None else f"$share/{config.share}/"
        self._wanted = [f"{share}{one}" for one in self.filters]
        self._name = context.name
        self._file = file_of(context.data_dir, context.name, "filters")

    async def renew(self, link: BrokerConnection) -> None:
        """Subscribe to the current filters and unsubscribe from old ones; raises Unreachable and Rejected."""
        former = await self._former()
        given_up = sorted(set(former) - set(self._wanted))
        if given_up and link.is_resumed:
            link.unsubscribe(given_up)
        refused = await link.subscribe(self._wanted)
        if refused:
            log.warning(
                "the broker refuses some subscriptions",
                extra={"connector": self._name, "found": ", ".join(refused)},
            )
        if former != self._wanted:
            await self._remember()

    async def _former(self) -> Sequence[str]:
        try:
            return [str(one) for one in json.loads(await asyncio.to_thread(read_file, self._file))]
        except (OSError, TypeError, ValueError) as error:
            self._warn(error)
            return []

    async def _remember(self) -> None:
        try:
            await asyncio.to_thread(write_file, self._file, json.dumps(self._wanted))
        except OSError as error:
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        log.warning(
            "the list of subscriptions cannot be saved for the next start",
            extra={"connector": self._name, "file": str(self._file), "error": str(error)},
        )
