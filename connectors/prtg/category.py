"""Category of the system that a sensor monitors, and the alert type."""

import re
from collections.abc import Mapping

from connectors.prtg.sensor import Sensor
from opsconductor.connector.remember import remembered
from opsconductor.model.enums import Category

PING = "ping"
ANYWHERE = 4
"""Words of this length may occur anywhere in a type (`wmilogicaldiskv2`), shorter ones only at its start."""

COMPUTE = (
    "cpu memory processor esx vmware vcenter hyperv xen docker proxmox idrac ilo serverstate system process"
    " service uptime pagefile eventlog hardware"
)
APPLICATION = (
    "http web sql mysql microsoftsql postgresql oracle mail smtp imap pop3 exchange ldap soap mqtt ftp sip"
    " probestate corestate cloud office365 aws azure"
)
NETWORK = (
    "ping traffic bandwidth port netflow sflow jflow ipfix qos rmon trap interface dns dhcp ntp sntp radius"
    " vpn cisco juniper packet router switch jitter traceroute"
)
WORDS: tuple[tuple[Category, str], ...] = (
    (Category.POWER, "ups battery pdu powersupply apc eaton"),
    (Category.ENVIRONMENT, "temperature humidity environment fan netbotz"),
    (Category.VIDEO, "camera video onvif rtsp axis milestone"),
    (Category.WIRELESS, "wireless wifi wlan accesspoint lte radio"),
    (Category.SECURITY, "ssl certificate antivirus windowsupdates security firewall"),
    (Category.STORAGE, "disk storage netapp qnap synology nas san raid lun volume backup veeam share folder"),
    (Category.COMPUTE, COMPUTE),
    (Category.APPLICATION, APPLICATION),
    (Category.NETWORK, NETWORK),
)
"""The first category with a matching word applies."""

_KNOWN = tuple((category, tuple(words.split())) for category, words in WORDS)
_words_of = re.compile(r"[a-z0-9]+").findall
_WAY_OF_ASKING = re.compile(r"^(?:snmp|wmi|ssh|wbem)(?=.)")


def category_of(sensor: Sensor, by_tag: Mapping[str, Category]) -> Category:
    """Return the category of a sensor: by a configured tag, else by its type, else by its other tags."""
    for tag in sensor.tags:
        if tag in by_tag:
            return by_tag[tag]
    categories = (_category_in(text) for text in (sensor.kind, *sensor.tags))
    return next((category for category in categories if category is not None), Category.UNKNOWN)


def alert_type_of(sensor: Sensor, category: Category) -> str:
    """Return the alert type of a sensor: the same in every state, because it is one alert."""
    return f"{category}_{PING if is_ping(sensor) else 'sensor'}_alarm"


def is_ping(sensor: Sensor) -> bool:
    """Return True if the sensor itself shows that its device is unreachable."""
    return sensor.kind.startswith(PING) or (not sensor.kind and "pingsensor" in sensor.tags)


@remembered(4_096)
def _category_in(text: str) -> Category | None:
    stems = [_WAY_OF_ASKING.sub("", word) for word in _words_of(text)]
    for category, words in _KNOWN:
        for stem in stems:
            if stem.startswith(words) or any(len(word) >= ANYWHERE and word in stem for word in words):
                return category
    return None
