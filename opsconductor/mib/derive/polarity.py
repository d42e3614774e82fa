"""State words and their meaning: good, bad, or dependent on the thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from opsconductor.mib.derive.lemmas import words
from opsconductor.model.enums import Severity


class Polarity(Enum):
    """Meaning of a state word."""

    GOOD = "good"
    BAD = "bad"
    EITHER = "either"
    """It depends on the thing: a breaker that is open, a port that is on."""


@dataclass(frozen=True, slots=True)
class StateWord:
    """A state word in a name.

    Attributes:
        position: Of the word among the words of the name.
    """

    word: str
    position: int
    polarity: Polarity


_BAD = {
    Severity.CRITICAL: "critical emergency fatal panic overtempshutdown",
    Severity.MAJOR: """fail down lose die crash bad break corrupt overtemp overload
        overcurrent overvoltage undervoltage unreachable unresponsive offline disconnect error major
        halt absent miss deplete unsynchronize unavailable unusable powerdown attack intrusion rogue
        malware virus spoof impersonate backward stop severe hung stuck undercurrent suspend""",
    Severity.MINOR: """degrade minor mismatch conflict full timeout corruption duplicate
        outrange lack loop congest unprotected abnormal problem expire""",
    Severity.WARNING: """warning high low exceed limit expiring approach unauthorized
        unsupported invalid violate incompatible predict aging flap drop reject deny block remove
        extract unplug withdraw storm threshold onbattery onbypass breach unexpected unable deviate
        trip misconfiguration leak overflow forcedoff quarantine blacklisted blacklist replace weak
        suspect interference tamper retry rising bypass unstable discharge exception untrusted insecure
        unsecure underrun jitter exhaust alarm""",
}
BAD = {word: severity for severity, text in _BAD.items() for word in words(text)}
"""Severity by word that is bad on its own."""

CLEARING = words("""clear restore recover resume resolve fix repair disappear normal ok
    good healthy nominal returnfrom return cease correct improve failback end""")
"""Words that end any problem with the same stem."""

ANTONYMS = {
    "up": "down fail lose stop backward unavailable unresponsive timeout powerdown",
    "on": "off powerdown",
    "off": "on",
    "powerup": "powerdown",
    "online": "offline fail down disconnect",
    "insert": "remove extract absent unplug miss",
    "add": "remove extract absent miss",
    "present": "absent remove miss",
    "establish": "backward lose down stop close disconnect break",
    "connect": "disconnect lose down",
    "open": "close",
    "close": "open",
    "enable": "disable",
    "disable": "enable",
    "activate": "inactive",
    "active": "inactive down",
    "inactive": "active activate",
    "start": "stop down end",
    "stop": "start",
    "exit": "enter",
    "leave": "enter join",
    "fall": "rise rising",
    "below": "above exceed high",
    "synchronize": "unsynchronize fail lose",
    "reachable": "unreachable fail",
    "reach": "unreachable",
    "available": "unavailable absent miss",
    "succeed": "fail",
    "pass": "fail",
    "match": "mismatch",
    "lock": "unlock",
    "unlock": "lock",
    "positive": "negative",
    "enough": "lack low full",
    "join": "leave lose",
    "alive": "die down unreachable",
    "responsive": "unresponsive",
    "respond": "unresponsive timeout",
    "authorized": "unauthorized",
    "register": "unregister lose",
    "unblock": "block",
    "complete": "fail",
    "detect": "absent miss lose",
    "secure": "unsecure insecure",
    "inservice": "outofservice",
    "supported": "unsupported",
    "valid": "invalid",
    "protected": "unprotected",
    "unfreeze": "freeze",
    "operational": "fail down",
    "optimal": "degrade fail",
    "running": "stop down",
    "release": "block trigger",
    "acquire": "lose",
    "associate": "dissociate",
    "remove": "add",
    "delete": "add",
    "idle": "active activate",
}
"""Problem words by clearing word, besides those in `CLEARING`."""

EITHER = words("""on off open close enable disable start stop enter exit rise fall above
    below active inactive activate lock unlock begin leave join add delete set detect associate
    dissociate trigger""")
"""Words whose meaning depends on the thing."""

BEGINS = words("on start begin active activate enter rise set detect open trigger add")
STOPS = words("off stop inactive exit leave fall close release remove delete lose")
"""After a word for something bad, words that mean its presence or its end."""

GOOD = CLEARING | words("""up powerup online present establish connect synchronize reachable
    available succeed pass match positive enough alive responsive authorized complete unblock
    inservice supported valid protected operational optimal insert running respond acquire
    release""")

ALARMING = words("""alarm fail error attack storm loop bypass boost trim congest breach
    violate overload outage intrusion rogue mute maintenance battery onbattery blacklist
    quarantine throttle fallback emergency flood lockout interference bottleneck overrun
    backpressure problem anomaly abnormal limit threshold ais los lof lockdown override usage utilization""")
"""Things whose presence is the problem: `AlarmOn` raises, `AlarmOff` clears."""

_KINDS = words("battery bypass boost trim maintenance mute")
"""Of these, things that are also good to have."""

THINGS = {
    "overtemp": "temperature",
    "overvoltage": "voltage",
    "undervoltage": "voltage",
    "overcurrent": "current",
    "undercurrent": "current",
    "overload": "load",
    "powerdown": "power",
    "powerup": "power",
    "onbypass": "bypass",
    "onbattery": "battery",
}
"""The thing, by word that means a thing and its state."""

JOBS = words("""backup test rebuild copy clone split update install download upload
    scan synchronize calibrate transfer import export save discovery format initialize migrate
    move job task schedule replication verify capture sync snapshot mirror defrag boot upgrade
    diagnostic patrol check learn relocation restore session""")
"""Things that start and end as planned."""

NOISE = words(
    """trap notification notif notify event occur condition traps
    notifications ntf evt msg raise"""
)
"""Words that mean only that this is a notification."""


def polarity_of(word: str) -> Polarity | None:
    """Return the meaning of a word on its own; None: it is not a state word."""
    if word in EITHER:
        return Polarity.EITHER
    if word in GOOD:
        return Polarity.GOOD
    return Polarity.BAD if word in BAD else negated(word)


def negated(word: str) -> Polarity | None:
    """Return the meaning of `notfoo`, `unfoo` and `nonfoo`, where `foo` is a state word; else None."""
    for prefix in ("not-", "no-"):
        rest = word.removeprefix(prefix)
        if rest != word:
            return Polarity.GOOD if rest in BAD or rest in ALARMING - _KINDS else Polarity.BAD
    return None


def without_negations(name: Sequence[str]) -> tuple[str, ...]:
    """Join `not` and `no` with the word after them: `not`, `full` is `not-full`."""
    found: list[str] = []
    for word in name:
        if found and found[-1] in ("not", "no", "non"):
            found[-1] = f"{'no' if found[-1] == 'no' else 'not'}-{word}"
        else:
            found.append(word)
    return tuple(found)


def states_in(name: Sequence[str]) -> tuple[StateWord, ...]:
    """Return the state words in a name, in order."""
    return tuple(
        StateWord(word, position, polarity)
        for position, word in enumerate(name)
        if (polarity := polarity_of(word)) is not None
    )


def ends(good: str, bad: str) -> bool:
    """Check that something that is `good` is no longer `bad`."""
    if good in CLEARING:
        return bad in BAD or bad in EITHER or bad.startswith(("not-", "no-"))
    return bad in ANTONYMS.get(good, "").split() or bad == f"not-{good}" or good == f"not-{bad}"


def is_opposite(good: str, bad: str) -> bool:
    """Return True if two words are opposites, as up and down."""
    return ANTONYMS.get(good, "").split()[:1] == [bad] or bad == f"not-{good}" or good == f"not-{bad}"
