"""Notices which topics have fallen silent; time counts only while we are connected."""

import json
import math
from collections.abc import Collection

from opsconductor.limits import BoundedMap

MOST_TOPICS = 100_000
"""Topics of one length of silence that are awaited, and topics whose silence is told; the oldest give way."""

Topic = tuple[float, str]
"""Seconds of silence that a rule allows, and the topic."""


class TopicSilences:
    """When each topic was last heard, by how long it may be silent.

    All times are seconds of a clock that runs while we are connected: what could not be heard is no silence.
    """

    def __init__(self) -> None:
        self._heard: dict[float, BoundedMap[str, float]] = {}
        self._silent: BoundedMap[Topic, float] = BoundedMap(MOST_TOPICS)

    def __len__(self) -> int:
        """Topics that are known."""
        return sum(map(len, self._heard.values())) + len(self._silent)

    def hear(self, topic: Topic, now_s: float) -> None:
        """Note a message."""
        allowed_s, name = topic
        self._silent.pop(topic, None)
        self._heard.setdefault(allowed_s, BoundedMap(MOST_TOPICS))[name] = now_s

    def expect(self, topic: Topic, now_s: float) -> None:
        """Begin to wait for a topic, unless it is known."""
        if topic not in self._silent and topic[1] not in self._heard.get(topic[0], ()):
            self.hear(topic, now_s)

    def forget(self, topic: Topic) -> None:
        """Wait no longer for a topic: it was removed."""
        self._silent.pop(topic, None)
        self._heard.get(topic[0], BoundedMap[str, float](0)).pop(topic[1], None)

    def is_silent(self, topic: Topic) -> bool:
        """Tell whether its silence has been told."""
        return topic in self._silent

    def due(self, now_s: float) -> list[Topic]:
        """List the topics that have been silent for too long, each once."""
        found: list[Topic] = []
        for allowed_s, heard in self._heard.items():
            while heard and next(iter(heard.values())) + allowed_s <= now_s:
                name, last_s = heard.pop_oldest()
                self._silent[allowed_s, name] = last_s
                found.append((allowed_s, name))
        return found

    def next_due_s(self) -> float:
        """Tell when the next topic will have been silent for too long; infinity: none is awaited."""
        firsts = [next(iter(heard.values())) + allowed_s for allowed_s, heard in self._heard.items() if heard]
        return min(firsts, default=math.inf)

    def dump(self, now_s: float) -> str:
        """Write how long each topic has been silent, for the next life of the daemon."""
        known = [
            (allowed_s, name, round(now_s - at_s, 1))
            for allowed_s, heard in self._heard.items()
            for name, at_s in heard.items()
        ]
        known += [
            (allowed_s, name, round(now_s - at_s, 1)) for (allowed_s, name), at_s in self._silent.items()
        ]
        return json.dumps(known)

    def load(self, text: str, allowed: Collection[float]) -> None:
        """Take over what an earlier life has written, for the lengths of silence that rules still have.

        Raises:
            ValueError: The text is damaged.
        """
        try:
            known = [(float(a), str(name), float(ago_s)) for a, name, ago_s in json.loads(text)]
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"damaged: {error}") from None
        for allowed_s, name, ago_s in sorted(known, key=lambda entry: -entry[2]):
            if allowed_s in allowed:
                self.hear((allowed_s, name), -ago_s)
