"""Connecting to the broker, with failures as Unreachable or Rejected."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from connectors.mqtt.client.connection import BrokerConnection
from connectors.mqtt.client.failure import failure_of, silent
from connectors.mqtt.client.transport import open_wire
from connectors.mqtt.config import MqttConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.settings.trust import broker_trust
from opsconductor.limits import Backoff

RECONNECT = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=1))


@asynccontextmanager
async def connected(
    config: MqttConfig, destinations: Destinations, client_id: str, *, is_lasting: bool = True
) -> AsyncIterator[BrokerConnection]:
    """Connect for the duration of the context; raises Unreachable and Rejected.

    Args:
        is_lasting: The broker keeps our session after the connection ends.
    """
    limit_s = config.connect_timeout.total_seconds()
    link: BrokerConnection | None = None
    try:
        try:
            async with asyncio.timeout(limit_s):
                trust = None if config.tls is None else await asyncio.to_thread(broker_trust, config.tls)
                wire = await open_wire(destinations, config.host, config.port_or_default, trust)
                link = BrokerConnection(config, wire, client_id, is_lasting=is_lasting)
                await link.open()
        except TimeoutError:
            raise silent(config.place, limit_s) from None
        except OSError as error:
            raise failure_of(config.place, error) from error
        yield link
    finally:
        if link is not None:
            link.close()
