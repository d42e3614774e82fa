"""Connection test of the broker, without affecting the session of the source."""

import secrets
from collections.abc import Sequence

from connectors.mqtt.client.connect import connected
from connectors.mqtt.config import MqttConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import Rejected, Unreachable


async def check(config: MqttConfig, destinations: Destinations, filters: Sequence[str]) -> CheckResult:
    """Connect with a client id of its own, subscribe, and disconnect; no session remains on the broker."""
    details = {
        "broker": config.place,
        "protocol": config.protocol,
        "tls": config.tls is not None,
        "subscriptions": list(filters),
    }
    try:
        client_id = f"opsconductor-check-{secrets.token_hex(4)}"
        async with connected(config, destinations, client_id, is_lasting=False) as link:
            refused = await link.subscribe(filters)
    except (Unreachable, Rejected) as error:
        return CheckResult(ok=False, message=str(error), details=details)
    if refused:
        message = f"{config.place} connects, but refuses the subscriptions {', '.join(refused)[:500]}"
        return CheckResult(ok=False, message=f"{message}: check the broker's access list", details=details)
    return CheckResult(
        ok=True,
        message=f"{config.place} connects and accepts {len(filters)} subscriptions",
        details=details,
    )
