"""The permissions of roles and API keys, also called scopes: `<what>:<read or write>`."""

from enum import Enum
from typing import Literal, get_args

Permission = Literal[
    "alerts:read",
    "alerts:write",
    "events:write",
    "metrics:write",
    "config:read",
    "config:write",
    "system:read",
    "system:write",
    "users:read",
    "users:write",
    "audit:read",
    "datasets:read",
    "datasets:write",
]
"""What a caller may do.

alerts:read: read alerts, their history and the live feed.
alerts:write: acknowledge, resolve, assign and comment alerts; report events that suppress others.
events:write: report events.
metrics:write: send measured values.
config:read: read connectors, mappings, rules, inventory and metrics.
config:write: change connectors, mappings, rules and inventory.
system:read: examine the daemon; read what was set aside; make reports.
system:write: check connectors, reload, import MIBs, confirm mappings and losses of inventories.
users:read: read users and roles.
users:write: create and change users and API keys.
audit:read: read the audit log.
datasets:read: read one's own datasets and those that are shared, with their analyses.
datasets:write: upload datasets and analyse them.
"""

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

SignedIn = Literal["logged in"]
SIGNED_IN: SignedIn = "logged in"
"""What endpoints ask for that serve every caller with valid credentials."""


class Rows(Enum):
    """What an endpoint shows or changes of alerts and devices, for callers with a row filter."""

    ALL = "of all devices: such callers are refused"
    OWN = "only what the filter matches"
    NONE = "nothing"
