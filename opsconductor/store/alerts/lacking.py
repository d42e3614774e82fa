"""What an alert may lack, and how a filter asks for that: in memory and in SQL."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from opsconductor.model.alert import Alert


class Lacking(StrEnum):
    """What an alert has none of; site and role are those of its device, by the inventory."""

    SITE = "site"
    ROLE = "role"
    DEVICE = "device"
    TAG = "tag"
    ASSIGNED_TO = "assigned_to"


class Lack(NamedTuple):
    """A condition that an alert has no value in a field of its own."""

    sql: str
    is_met: Callable[[Alert], bool]


LACKS: Mapping[Lacking, Lack] = {
    Lacking.DEVICE: Lack(
        "COALESCE(device_ip, '') = '' AND COALESCE(device_name, '') = ''",
        lambda alert: not (alert.device_ip or alert.device_name),
    ),
    Lacking.TAG: Lack("tags = '{}'", lambda alert: not alert.tags),
    Lacking.ASSIGNED_TO: Lack("assigned_to IS NULL", lambda alert: alert.assigned_to is None),
}
