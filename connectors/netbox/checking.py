"""What "Test connection" says about a NetBox."""

from connectors.netbox.client import Client
from connectors.netbox.config import NetboxConfig
from connectors.netbox.failures import MayNotView, rights_wanted
from connectors.netbox.mirror import CABLES
from connectors.netbox.tables import CHANGE, CHANGES, tables
from opsconductor.connector.interface import Check
from opsconductor.errors import ConnectorError

COUNTED = ("devices", "virtual_machines", "interfaces", "addresses")


def check_connection(config: NetboxConfig, client: Client) -> Check:
    """Try address, TLS, token and every right that is needed; reads only, and blocks."""
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
    except ConnectorError as error:
        return Check(ok=False, message=str(error))
    details: dict[str, object] = {"server": config.place, "version": version.text}
    if missing:
        return Check(ok=False, message=rights_wanted(missing), details={**details, "missing": missing})
    details |= {name: counts[known[name].path] for name in COUNTED}
    devices = counts[known["devices"].path]
    message = f"NetBox {version.text} shows {devices} devices"
    if not devices:
        message += ": if it has any, the permission of the token's user has constraints that leave them out"
    return Check(ok=True, message=message, details=details)
