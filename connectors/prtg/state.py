"""The states of a sensor: as numbers in tables, as words in notifications, as names in API v2."""

import re
from enum import StrEnum


class State(StrEnum):
    """What PRTG says of a sensor; all ways of being paused are one."""

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
        """The word in titles."""
        return LABELS[self]


LABELS = {
    State.UP: "Up",
    State.DOWN: "Down",
    State.DOWN_PARTIAL: "Partially Down",
    State.DOWN_ACKNOWLEDGED: "Down",
    State.WARNING: "Warning",
    State.UNUSUAL: "Unusual",
    State.UNKNOWN: "Unknown",
    State.PAUSED: "Paused",
    State.NO_PROBE: "No Probe",
    State.COLLECTING: "Collecting",
    State.NONE: "None",
}

TELLS_NOTHING = frozenset({State.NO_PROBE, State.COLLECTING, State.NONE})
"""Nothing is known of what the sensor watches: it is no problem of its own, and what was one goes on."""

IS_DOWN = frozenset({State.DOWN, State.DOWN_PARTIAL, State.DOWN_ACKNOWLEDGED})

BY_CODE = {
    0: State.NONE,
    1: State.UNKNOWN,
    2: State.COLLECTING,
    3: State.UP,
    4: State.WARNING,
    5: State.DOWN,
    6: State.NO_PROBE,
    7: State.PAUSED,
    8: State.PAUSED,
    9: State.PAUSED,
    10: State.UNUSUAL,
    11: State.PAUSED,
    12: State.PAUSED,
    13: State.DOWN_ACKNOWLEDGED,
    14: State.DOWN_PARTIAL,
}
"""`status_raw` of the table of sensors, by the numbers of PRTG's HTTP API."""

PAUSED_CODES = tuple(code for code, state in BY_CODE.items() if state is State.PAUSED)
ASKED_CODES = tuple(code for code, state in BY_CODE.items() if state not in {State.UP, State.PAUSED} and code)
"""What a poll asks for whatever is configured; 0 is no state that a sensor stays in."""

_WORDS = (
    (re.compile(r"down\W*acknowledged"), State.DOWN_ACKNOWLEDGED),
    (re.compile(r"(down\W*partial|partial\w*\W*down)"), State.DOWN_PARTIAL),
    (re.compile(r"down\b"), State.DOWN),
    (re.compile(r"up\b"), State.UP),
    (re.compile(r"warning\b"), State.WARNING),
    (re.compile(r"unusual\b"), State.UNUSUAL),
    (re.compile(r"unknown\b"), State.UNKNOWN),
    (re.compile(r"paused"), State.PAUSED),
    (re.compile(r"(no\W*probe|(probe )?disconnected)"), State.NO_PROBE),
    (re.compile(r"(collecting|scanning|pending|resuming)\b"), State.COLLECTING),
    (re.compile(r"none\b"), State.NONE),
)


def state_of_code(code: int | None) -> State:
    """Name the state of a number; a number that nobody has documented is an unknown state."""
    return State.UNKNOWN if code is None else BY_CODE.get(code, State.UNKNOWN)


def state_of_words(text: str) -> State | None:
    """Read a state from words; None: they are of another language than English.

    Of a transition the end counts: `Up -> Down`, `Down ended (now: Up)`, `Up (was: Down)`.
    """
    words = text.casefold().replace("_", " ")
    words = words.rpartition("->")[2]
    if "now:" in words:
        words = words.rpartition("now:")[2]
    words = words.partition("(was:")[0].strip()
    return next((state for pattern, state in _WORDS if pattern.match(words)), None)
