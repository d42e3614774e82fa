"""Connection test of NetBox."""

from collections import Counter
from typing import Any

from connectors.netbox import parse
from connectors.netbox.client import NetboxClient, Row
from connectors.netbox.config import NetboxConfig
from connectors.netbox.dependencies.ranks import MOST_NAMED, Ranking, named_roles
from connectors.netbox.failures import MayNotView, rights_wanted
from connectors.netbox.mirror import CABLES
from connectors.netbox.rows import at, id_at
from connectors.netbox.tables import CHANGE, CHANGES, NO_CONTEXT, tables
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import ConnectorError

MOST_READ = 20_000
"""Devices that a test reads to count them by role; beyond that only the roles are named."""

COUNTED = ("devices", "virtual_machines", "interfaces", "addresses")


def check_connection(config: NetboxConfig, client: NetboxClient) -> CheckResult:
    """Test address, TLS, token and all required permissions; read-only, and blocks."""
    known = tables(config.ifindex_field)
    counts: dict[str, int] = {}
    missing = []
    try:
        version = client.connect()
        paths = {table.path: table.kind for table in (*known.values(), CABLES)} | {CHANGES: CHANGE}
        for path, kind in paths.items():
            try:
                counts[path] = client.count(path)
            except MayNotView:
                missing.append(kind)
        unranked = "" if missing else _unranked(config, client, counts[known["devices"].path])
    except ConnectorError as error:
        return CheckResult(ok=False, message=str(error))
    details: dict[str, object] = {"server": config.place, "version": version.text}
    if missing:
        return CheckResult(ok=False, message=rights_wanted(missing), details={**details, "missing": missing})
    details |= {name: counts[known[name].path] for name in COUNTED}
    devices = counts[known["devices"].path]
    message = f"NetBox {version.text} shows {devices} devices"
    if not devices:
        message += ": if it has any, constraints in the permission of the token's user exclude them"
    if unranked:
        message += f"; roles without a rank, add them to role_ranks (devices): {unranked}"
        details["roles_without_rank"] = unranked
    return CheckResult(ok=True, message=message, details=details)


def _unranked(config: NetboxConfig, client: NetboxClient, devices: int) -> str:
    """Return the roles without a rank, with their number of devices unless there are too many."""
    roles = client.read("dcim/device-roles", parse.device_role, fields="id,slug,parent")
    ranking = Ranking(config.role_ranks, roles)
    unknown = {key: role.slug for key, role in roles.items() if not ranking.of(role.slug, key).is_known}
    if not unknown or devices > MOST_READ:
        return ", ".join(sorted(unknown.values())[:MOST_NAMED])
    wanted: dict[str, Any] = {"fields": "id,role,interface_count", **NO_CONTEXT}
    given = client.read("dcim/devices", _role_of_networked, **wanted)
    return named_roles(Counter(unknown[role] for role in given.values() if role in unknown))


def _role_of_networked(row: Row) -> int | None:
    """Return the role of a device with interfaces: a patch panel needs no rank."""
    return None if at(row, "interface_count") == 0 else id_at(row, "role", "id")
