"""States of a sensor: numbers in tables, words in notifications, names in API v2."""

import re
from enum import StrEnum


class SensorState(StrEnum):
    """State of a sensor in PRTG; all ways of being paused are one."""

    UP = "up"
    DOWN = "down"
    DOWN_PARTIAL = "down_partial"
    DOWN_ACKNOWLEDGED = "down_acknowledged"
    WARNING = "warning"
    UNUSUAL = "unusual"
    UNKNOWN = "unknown"
    PAUSED = "paused"
    NO_PROBE = "no_probe"
    COLLECTING = "collecting"
    NONE = "none"

    @property
    def label(self) -> str:
        """Label in titles."""
        return LABELS[self]


LABELS = {
    SensorState.UP: "Up",
    SensorState.DOWN: "Down",
    SensorState.DOWN_PARTIAL: "Partially Down",
    SensorState.DOWN_ACKNOWLEDGED: "Down",
    SensorState.WARNING: "Warning",
    SensorState.UNUSUAL: "Unusual",
    SensorState.UNKNOWN: "Unknown",
    SensorState.PAUSED: "Paused",
    SensorState.NO_PROBE: "No Probe",
    SensorState.COLLECTING: "Collecting",
    SensorState.NONE: "None",
}

UNINFORMATIVE = frozenset({SensorState.NO_PROBE, SensorState.COLLECTING, SensorState.NONE})
"""The monitored state is unknown: not a problem by itself, and an open alert stays open."""

IS_DOWN = frozenset({SensorState.DOWN, SensorState.DOWN_PARTIAL, SensorState.DOWN_ACKNOWLEDGED})

BY_CODE = {
    0: SensorState.NONE,
    1: SensorState.UNKNOWN,
    2: SensorState.COLLECTING,
    3: SensorState.UP,
    4: SensorState.WARNING,
    5: SensorState.DOWN,
    6: SensorState.NO_PROBE,
    7: SensorState.PAUSED,
    8: SensorState.PAUSED,
    9: SensorState.PAUSED,
    10: SensorState.UNUSUAL,
    11: SensorState.PAUSED,
    12: SensorState.PAUSED,
    13: SensorState.DOWN_ACKNOWLEDGED,
    14: SensorState.DOWN_PARTIAL,
}
"""`status_raw` of the table of sensors, by the numbers of PRTG's HTTP API."""

PAUSED_CODES = tuple(code for code, state in BY_CODE.items() if state is SensorState.PAUSED)
ASKED_CODES = tuple(
    code for code, state in BY_CODE.items() if state not in {SensorState.UP, SensorState.PAUSED} and code
)
"""States that every poll requests; 0 is not a state in which a sensor stays."""

_WORDS = (
    (re.compile(r"down\W*acknowledged"), SensorState.DOWN_ACKNOWLEDGED),
    (re.compile(r"(down\W*partial|partial\w*\W*down)"), SensorState.DOWN_PARTIAL),
    (re.compile(r"down\b"), SensorState.DOWN),
    (re.compile(r"up\b"), SensorState.UP),
    (re.compile(r"warning\b"), SensorState.WARNING),
    (re.compile(r"unusual\b"), SensorState.UNUSUAL),
    (re.compile(r"unknown\b"), SensorState.UNKNOWN),
    (re.compile(r"paused"), SensorState.PAUSED),
    (re.compile(r"(no\W*probe|(probe )?disconnected)"), SensorState.NO_PROBE),
    (re.compile(r"(collecting|scanning|pending|resuming)\b"), SensorState.COLLECTING),
    (re.compile(r"none\b"), SensorState.NONE),
)


def state_of_code(code: int | None) -> SensorState:
    """Return the state of a number; an undocumented number is the unknown state."""
    return SensorState.UNKNOWN if code is None else BY_CODE.get(code, SensorState.UNKNOWN)


def state_of_words(text: str) -> SensorState | None:
    """Return the state of a word or transition; None: not English.

    Of a transition the end counts: `Up -> Down`, `Down ended (now: Up)`, `Up (was: Down)`.
    """
    words = text.casefold().replace("_", " ")
    words = words.rpartition("->")[2]
    if "now:" in words:
        words = words.rpartition("now:")[2]
    words = words.partition("(was:")[0].strip()
    return next((state for pattern, state in _WORDS if pattern.match(words)), None)
