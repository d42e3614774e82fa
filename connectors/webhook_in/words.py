"""Words of other systems for severities, clears and categories, and names in our form."""

import re
from collections.abc import Mapping
from hashlib import sha256

from opsconductor.connector.remember import remembered
from opsconductor.model.enums import Category, Severity

SEVERITIES: Mapping[str, Severity] = {
    word: severity
    for severity, words in {
        Severity.CRITICAL: "critical crit fatal disaster emergency emerg page alert blocker p1 sev1 urgent",
        Severity.MAJOR: "major high error err severe p2 sev2 down failed failure",
        Severity.MINOR: "minor average medium moderate p3 sev3",
        Severity.WARNING: "warning warn low degraded p4 sev4",
        Severity.INFO: "info information informational notice debug none p5 sev5",
        Severity.CLEAR: "clear cleared ok okay normal resolved recovered recovery closed healthy good up",
    }.items()
    for word in words.split()
}
OVER = frozenset(word for word, severity in SEVERITIES.items() if severity is Severity.CLEAR) | {
    "true", "yes", "1", "resolve", "ended", "end", "inactive", "green", "success",
}  # fmt: skip
"""Values of `clear` or of a state which mean that a fault is over."""

CATEGORIES: Mapping[str, Category] = {
    **{category.value: category for category in Category},
    **{
        word: category
        for category, words in {
            Category.NETWORK: "interface link bgp ospf dns dhcp router switch vpn ping icmp net",
            Category.POWER: "ups pdu battery",
            Category.VIDEO: "camera cctv",
            Category.WIRELESS: "wifi wlan radio",
            Category.SECURITY: "firewall certificate auth",
            Category.ENVIRONMENT: "temperature humidity fan hvac water",
            Category.COMPUTE: "cpu memory host server os node vm hypervisor system hardware kubernetes",
            Category.STORAGE: "disk filesystem raid volume backup san nas",
            Category.APPLICATION: "app service database db web http website",
        }.items()
        for word in words.split()
    },
}

LONGEST_TYPE = 100
DIGEST_CHARACTERS = 8
EDGES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Word boundaries in `NodeFilesystemFull` and in `HTTPErrors`."""
OTHERS = re.compile(r"[^a-z0-9]+")


def severity_of(word: str, more: Mapping[str, Severity], otherwise: Severity) -> Severity:
    """Return the severity of a word; configured words come first."""
    key = word.lower()
    return more.get(key) or SEVERITIES.get(key, otherwise)


def is_over(word: str) -> bool:
    """Return True if a word means that a fault is over."""
    return word.lower() in OVER


def category_of(word: str) -> Category | None:
    """Return the category of a word, or None."""
    return CATEGORIES.get(word.lower())


@remembered(20_000)
def slug(name: str) -> str:
    """Return a name in the form of alert types: `NodeFilesystemFull` becomes `node_filesystem_full`."""
    return OTHERS.sub("_", EDGES.sub("_", name).lower()).strip("_")


@remembered(20_000)
def alert_type_of(category: Category, name: str) -> str:
    """Return an alert type; one that is too long, or has no ASCII letter, ends with its hash instead."""
    words = slug(name)
    whole = words if words.startswith(f"{category}_") else f"{category}_{words}"
    if words and len(whole) <= LONGEST_TYPE:
        return whole
    digest = sha256(name.encode(errors="replace")).hexdigest()[:DIGEST_CHARACTERS]
    kept = whole[: LONGEST_TYPE - DIGEST_CHARACTERS - 1].rstrip("_")
    return f"{kept}_{digest}"


@remembered(20_000)
def own_category(name: str) -> Category | None:
    """Return the category with which an alert type begins; None if it is not in our form."""
    head, _, rest = slug(name).partition("_")
    return Category(head) if rest and head in Category._value2member_map_ else None
