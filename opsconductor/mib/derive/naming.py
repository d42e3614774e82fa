"""Alert types and titles from the names of notifications."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import NOISE, polarity_of
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.tokens import lemma_of, pieces_of
from opsconductor.model.enums import Category

LONGEST_TYPE = 80
LONGEST_ARC = 12
"""Characters that distinguish types which are the same in their first characters."""
COMMON_SHARE = 0.6
"""Share of the notifications of a module that must begin with a word for it to be a prefix."""

LONGEST_PREFIX = 5
MOST_STATES = 2
"""Number of words for states up to which a name without its prefix does not say what is concerned."""
SHORTEST_NAME = 3
"""Number of words of a name from which the first may be that of a product."""

_ACRONYMS = words("""ac acl aaa ais ap api arp asic atm aps bfd bgp bios bpdu bmc bssid cam
    cfm cpu crc dc ddos dhcp dns dos dpd dsl ecc eigrp erps es fabric fc fcoe fdb fib fru ftp gbic
    gps ha hba hsrp http https iccp id ids igmp ike io ip ipmi ips ipsec ipv4 ipv6 iscsi isdn isis
    isp lacp lag lan ldap ldp led lldp lof lop los lsa lsp lun mac mau mib mlag mpls mstp mtu nat
    nd nfs nic ntp nvram odu ospf pdu pim pki poe ppp pppoe psu pvst pw qos rdi radius raid rf rip
    rmon rpm rps rsvp rstp rtt sa sfp sip sla smtp snmp snr sonet ssd ssh ssid ssl stp svc tacacs
    tca tcp tls ttl udp ups url usb vc vlan vm vpls vpn vrf vrrp vtp wan wep wifi wlan wpa wred
    xfp""")


def prefix_of(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Return the pieces that most names of a module begin with: the product, not the problem."""
    names = [pieces_of(subject.name) for subject in subjects]
    if len(names) <= 1:
        return names[0][:1] if names and _is_product(names[0]) else ()
    prefix: list[str] = []
    while True:
        position = len(prefix)
        counts = Counter(
            name[position] for name in names if len(name) > position + 1 and list(name[:position]) == prefix
        )
        if not counts:
            return tuple(prefix)
        piece, count = counts.most_common(1)[0]
        if count < COMMON_SHARE * len(names) or position >= LONGEST_PREFIX:
            return tuple(prefix)
        if polarity_of(lemma_of(piece.lower())) is not None or (prefix and count < len(names)):
            return tuple(prefix)
        prefix.append(piece)


def _is_product(name: Sequence[str]) -> bool:
    return len(name) >= SHORTEST_NAME and name[0].islower() and polarity_of(lemma_of(name[0])) is None


def alert_types_of(
    subjects: Sequence[Subject],
    groups: Mapping[str, tuple[str, ...]],
    categories: Mapping[str, Category],
) -> dict[str, str]:
    """Return the alert type of each notification of a module by name.

    Args:
        groups: For notifications that belong together, the names of the problems among them.

    Returns:
        Types that differ for notifications that do not belong together. Several problems that belong together
        have the type of what their names have in common.
    """
    prefix = prefix_of(subjects)
    found: dict[str, str] = {}
    taken: dict[str, tuple[str, ...]] = {}
    for subject in subjects:
        group = groups.get(subject.name, (subject.name,))
        category = categories[group[0]]
        for pieces in (_common(group, prefix), _plain(group[0], prefix), list(pieces_of(group[0]))):
            alert_type = _type(category, pieces)
            if pieces and taken.setdefault(alert_type, group) == group:
                found[subject.name] = alert_type
                break
        else:
            number = subject.fact.oid.rpartition(".")[2]
            whole = _type(category, pieces_of(group[0]))
            found[subject.name] = f"{whole[: LONGEST_TYPE - LONGEST_ARC]}_{number[-LONGEST_ARC + 1 :]}"
    return found


def _common(names: Sequence[str], prefix: tuple[str, ...]) -> list[str]:
    """Return the pieces of the first name that all names have; none if these are only words for states."""
    first, *others = (_plain(name, prefix) for name in names)
    theirs = [{piece.lower() for piece in other} for other in others]
    kept = [piece for piece in first if all(piece.lower() in other for other in theirs)]
    return kept if any(polarity_of(lemma_of(piece.lower())) is None for piece in kept) else []


def _plain(name: str, prefix: tuple[str, ...]) -> list[str]:
    """Return the pieces of a name without the prefix of its module and words such as `Trap`."""
    pieces = pieces_of(name)
    if pieces[: len(prefix)] == prefix and len(prefix) < len(pieces):
        pieces = pieces[_beginning(pieces, len(prefix)) :]
    kept = [piece for piece in pieces if lemma_of(piece.lower()) not in NOISE] or list(pieces)
    return [piece for number, piece in enumerate(kept) if number == 0 or piece != kept[number - 1]]


def _beginning(pieces: Sequence[str], prefix: int) -> int:
    """Return the number of pieces to leave out, of a prefix of so many.

    Where only a state would be left, as of `acmeFanFailed` in a MIB about fans, that is the product alone,
    with its numbers; of `dialUp` and `bfdSessDown`, whose first piece is no product, nothing.
    """
    rest = [word for piece in pieces[prefix:] if (word := lemma_of(piece.lower())) not in NOISE]
    if not prefix or len(rest) > min(prefix, MOST_STATES) or any(polarity_of(word) is None for word in rest):
        return prefix
    if prefix == 1 or pieces[0].lower() in _ACRONYMS:
        return 0
    begin = 1
    while begin < prefix and (pieces[begin].isdigit() or pieces[begin - 1].isdigit()):
        begin += 1
    return begin


def _with_numbers(pieces: Sequence[str]) -> list[str]:
    """Join numbers to the word before them: `ospf`, `2` is `ospf2`."""
    found: list[str] = []
    for piece in pieces:
        if piece.isdigit() and found:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _type(category: Category, pieces: Sequence[str]) -> str:
    own = [piece.lower() for piece in _with_numbers(pieces)]
    if len(own) > 1 and own[0] == category.value:
        own = own[1:]
    return f"{category.value}_{'_'.join(own)}"[:LONGEST_TYPE].rstrip("_")


def title_of(subject: Subject, prefix: tuple[str, ...], *, has_resource: bool) -> str:
    """Return the title template: the words of the name, the device, and the resource if there is one."""
    own = [_titled(piece) for piece in _with_numbers(_plain(subject.name, prefix))]
    text = re.sub(r"\b([A-Z]) (?=[A-Z]\b)", r"\1", " ".join(own))
    return f"{text} - {{device_name}}" + (" {resource}" if has_resource else "")


def _titled(piece: str) -> str:
    if piece.lower().rstrip("0123456789") in _ACRONYMS or (piece.isupper() and len(piece) > 1):
        return piece.upper()
    return piece[:1].upper() + piece[1:].lower()
