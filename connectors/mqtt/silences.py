"""Detection of silent topics; time counts only while we are connected."""

import json
import math
from collections.abc import Collection

from opsconductor.limits import BoundedMap

MOST_TOPICS = 100_000
"""Monitored topics per silence duration, and topics with a reported silence; the oldest are evicted."""

Topic = tuple[float, str]
"""Allowed silence of a rule in seconds, and the topic."""


class TopicSilences:
    """Time of the last message of each topic, by allowed silence.

    All times are seconds of a clock that runs while we are connected: a lost connection is not silence.
    """

    def __init__(self) -> None:
        self._last_s: dict[float, BoundedMap[str, float]] = {}
        self._silent: BoundedMap[Topic, float] = BoundedMap(MOST_TOPICS)

    def __len__(self) -> int:
        """Return the number of known topics."""
        return sum(map(len, self._last_s.values())) + len(self._silent)

    def record(self, topic: Topic, now_s: float) -> None:
        """Record a message."""
        allowed_s, name = topic
        self._silent.pop(topic, None)
        self._last_s.setdefault(allowed_s, BoundedMap(MOST_TOPICS))[name] = now_s

    def expect(self, topic: Topic, now_s: float) -> None:
        """Start monitoring a topic, unless it is known."""
        if topic not in self._silent and topic[1] not in self._last_s.get(topic[0], ()):
            self.record(topic, now_s)

    def forget(self, topic: Topic) -> None:
        """Stop monitoring a topic: it was removed."""
        self._silent.pop(topic, None)
        self._last_s.get(topic[0], BoundedMap[str, float](0)).pop(topic[1], None)

    def is_silent(self, topic: Topic) -> bool:
        """Return True if its silence has been reported."""
        return topic in self._silent

    def due(self, now_s: float) -> list[Topic]:
        """Return the topics that have been silent for too long, each once."""
        found: list[Topic] = []
        for allowed_s, times in self._last_s.items():
            while times and next(iter(times.values())) + allowed_s <= now_s:
                name, last_s = times.pop_oldest()
                self._silent[allowed_s, name] = last_s
                found.append((allowed_s, name))
        return found

    def next_due_s(self) -> float:
        """Return when the next topic becomes silent; infinity: none is monitored."""
        firsts = [
            next(iter(times.values())) + allowed_s for allowed_s, times in self._last_s.items() if times
        ]
        return min(firsts, default=math.inf)

    def dump(self, now_s: float) -> str:
        """Return how long each topic has been silent, to be stored for the next start."""
        known = [
            (allowed_s, name, round(now_s - at_s, 1))
            for allowed_s, times in self._last_s.items()
            for name, at_s in times.items()
        ]
        known += [
            (allowed_s, name, round(now_s - at_s, 1)) for (allowed_s, name), at_s in self._silent.items()
        ]
        return json.dumps(known)

    def load(self, text: str, allowed: Collection[float]) -> None:
        """Load what was stored before the restart, for the durations that rules still have.

        Raises:
            ValueError: The text is damaged.
        """
        try:
            known = [(float(a), str(name), float(ago_s)) for a, name, ago_s in json.loads(text)]
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"damaged: {error}") from None
        for allowed_s, name, ago_s in sorted(known, key=lambda entry: -entry[2]):
            if allowed_s in allowed:
                self.record((allowed_s, name), -ago_s)
