"""Which kind of system a notification is about."""

from collections import Counter
from collections.abc import Iterable, Sequence

from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.tokens import words_of, words_of_text
from opsconductor.mib.derive.wording import first_sentences
from opsconductor.model.enums import Category

IN_NAME, IN_TEXT, IN_OBJECT, IN_MODULE = 4.0, 0.7, 0.5, 0.8
"""Weight of a word by its position."""
OBJECTS_READ = 6
DECIDED_FROM = 2.5
"""Score from which the words of a notification decide; below, the rest of its module does."""

_WORDS = {
    Category.POWER: {
        3: """battery ups power psu pdu outlet voltage mains utility inverter
        rectifier breaker fuse charger generator onbattery poe overvoltage undervoltage overcurrent
        undercurrent xups ats epdu rpdu powerdown powerup pethpse runtime""",
        2: "bypass onbypass phase load overload input output supply feed",
    },
    Category.ENVIRONMENT: {
        3: """temperature fan humidity overtemp overtempshutdown cooling airflow smoke water leak
        thermal environment environmental envmon fluid coolant hvac dewpoint temp fans climate""",
        2: "sensor probe contact dry door ambient external extern",
    },
    Category.STORAGE: {
        3: """disk volume raid lun array drive storage filesystem snapshot nfs iscsi
        hba quota qtree aggregate flexclone clone snapmirror vdisk spindle tape shelf ssd nvram fs
        inode snap scsi phydrv logdrv fibre replication datastore hdd""",
        2: "backup cache partition wwn enclosure mirror fc flash",
    },
    Category.SECURITY: {
        3: """authfail attack intrusion rogue firewall virus ids ips unauthorized
        spoof certificate password malware violate blacklist blacklisted vscan acl aaa radius tacacs
        spam trojan crypto encryption vulnerability threat quarantine ipsec ike security signature
        user login logout authenticate account impersonate dot1x unsecure insecure tamper worm botnet
        dlp vpn psk wep wpa login""",
        2: "secure access key ssh admin session storm",
    },
    Category.WIRELESS: {
        3: """wlan radio ssid bssid wifi antenna dot11 wireless odu roam rf mesh
        adhoc rssi station wtp capwap ap modulation microwave airtime wids wips lte cell cellular sim""",
        2: "associate dissociate channel client mobility beacon signal bs hsu",
    },
    Category.VIDEO: {
        3: """camera video stream encoder decoder dvb qam telepresence scramble
        descramble mpeg transport conference codec ts cas multiplex epg sdt pid iptv ccu sdi""",
        2: "display frame audio",
    },
    Category.COMPUTE: {
        3: """cpu memory processor vm host blade esx hypervisor kernel ecc bmc ipmi
        dimm core vcenter bios mem parity""",
        2: """chassis module card fru entity hardware board system node cluster
        controller machine line slot reboot""",
    },
    Category.APPLICATION: {
        3: """licence software application app database firmware ntp smtp mail http
        https service process script task job queue report image contract sync sntp db sql java web
        patch proc daemon""",
        2: """server update install engine call config download transaction
        performance resource file""",
    },
    Category.NETWORK: {
        3: """link port interface if bgp ospf mpls lsp vlan route router peer stp
        bridge topology tunnel isis vrrp ldp multicast igmp pim lag trunk ring erps bfd sfp optical
        ds1 ds3 sonet atm los lof ais rdi arp ip ethernet dhcp dns lldp lacp gre l2vpn vrf vpls pw
        pseudowire switch mstp rstp newroot dlci frame mac e1 t1 xdsl adsl dsl pppoe ppp gateway loop
        nat rpf msdp rip eigrp hsrp stack optics wan lan network interfaces fabric qos sla cfm oam
        y1731 path circuit multilink bundle segment subscriber qosd transceiver sdh otn och odu2
        wavelength laser bandwidth bw mtu tcp udp icmp nhrp mld mvpn rsvp traffic packet vserver svc""",
        2: """session communication connection group standby failover switchover
        connect hop ping rate line channel bypass""",
    },
}

Score = dict[Category, float]

_SCORES: dict[str, tuple[tuple[Category, float], ...]] = {}
for _category, _levels in _WORDS.items():
    for _points, _text in _levels.items():
        for _word in words(_text):
            _SCORES[_word] = (*_SCORES.get(_word, ()), (_category, float(_points)))

PREFERRED = (
    Category.ENVIRONMENT,
    Category.POWER,
    Category.STORAGE,
    Category.SECURITY,
    Category.WIRELESS,
    Category.VIDEO,
    Category.NETWORK,
    Category.COMPUTE,
    Category.APPLICATION,
)
"""Of categories with the same score, the first is taken."""


def categories_of(subjects: Sequence[Subject]) -> dict[str, tuple[Category, str]]:
    """Return the category of each notification of a module by name, and its evidence.

    Notifications whose own words are not enough get the category of most others of the module.
    """
    scores = {subject.name: _score(subject) for subject in subjects}
    common: Score = {}
    if subjects:
        _add(common, words_of(subjects[0].fact.module), IN_MODULE)
    for category, count in Counter(_best(score) for score in scores.values()).items():
        if category is not None:
            common[category] = common.get(category, 0.0) + count / len(subjects)
    fallback = _best(common) or Category.UNKNOWN
    found: dict[str, tuple[Category, str]] = {}
    for name, score in scores.items():
        best = _best(score)
        is_decided = best is not None and score[best] >= DECIDED_FROM
        found[name] = (best, "words") if best is not None and is_decided else (fallback, "module")
    return found


def is_kind(word: str) -> bool:
    """Return True if a word names a kind of thing."""
    return word in _SCORES


def _score(subject: Subject) -> Score:
    score: Score = {}
    _add(score, subject.words, IN_NAME)
    _add(score, words_of_text(first_sentences(subject.text.description, 1)), IN_TEXT)
    for fact in subject.objects[:OBJECTS_READ]:
        _add(score, words_of(fact.name), IN_OBJECT)
    _add(score, words_of(subject.fact.module), IN_MODULE)
    return score


def _add(score: Score, found: Iterable[str], weight: float) -> None:
    for word in set(found):
        for category, points in _SCORES.get(word, ()):
            score[category] = score.get(category, 0.0) + weight * points


def _best(score: Score) -> Category | None:
    return max(
        (category for category in PREFERRED if score.get(category)),
        key=lambda category: score[category],
        default=None,
    )
