"""Connecting to the broker, with failures as Unreachable or Rejected."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from connectors.mqtt.client.connection import BrokerConnection
from connectors.mqtt.client.failure import failure_of, silent
from connectors.mqtt.client.transport import open_wire
from connectors.mqtt.config import MqttConfig, Tls
from opsconductor.connector.trust import tls_context
from opsconductor.errors import Unreachable
from opsconductor.limits import Backoff

RECONNECT = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=1))


@asynccontextmanager
async def connected(
    config: MqttConfig, client_id: str, *, is_lasting: bool = True
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
                trust = None if config.tls is None else await asyncio.to_thread(_trust, config.tls)
                wire = await open_wire(config.host, config.port_or_default, trust)
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


def _trust(tls: Tls) -> ssl.SSLContext:
    """Return the TLS settings; reads files. Raises Unreachable, because the files may be corrected."""
    context = tls_context(verify=tls.verify, ca_file=tls.ca_file)
    if tls.cert_file is not None:
        password = tls.key_password.get_secret_value() if tls.key_password else ""
        try:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=lambda: password)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unreachable(f"cert_file {tls.cert_file} cannot be used: {reason}") from error
    return context
