"""A notification with its words, states, objects and text, each computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from opsconductor.mib.derive.polarity import (
    ALARMING,
    BAD,
    BEGINS,
    NOISE,
    STOPS,
    THINGS,
    Polarity,
    StateWord,
    is_opposite,
    states_in,
    without_negations,
)
from opsconductor.mib.derive.tokens import words_of, words_of_text
from opsconductor.mib.facts import NotificationFact, NotificationText, ObjectFact

WEAK = frozenset({"alarm", "threshold", "detect", "limit", "unexpected"})
"""State words that decide only if a name has no other."""


@dataclass(frozen=True)
class Subject:
    """A notification as the rules see it.

    Attributes:
        objects: Facts of its objects, in order; an object whose module is missing has a name and no OID.
    """

    fact: NotificationFact
    text: NotificationText
    objects: tuple[ObjectFact, ...]

    @property
    def name(self) -> str:
        """Return the descriptor."""
        return self.fact.name

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return the words of the name, without those that mean only a notification."""
        words = without_negations(words_of(self.name))
        kept = tuple(word for word in words if word not in NOISE)
        return kept or words

    @cached_property
    def noise(self) -> tuple[str, ...]:
        """Return the words of the name that `words` leaves out."""
        return tuple(word for word in words_of(self.name) if word in NOISE)

    @cached_property
    def states(self) -> tuple[StateWord, ...]:
        """Return the state words in the name; `alarm` at its beginning is a prefix."""
        return tuple(state for state in states_in(self.words) if (state.position, state.word) != (0, "alarm"))

    @cached_property
    def deciding(self) -> StateWord | None:
        """Return the word for the current state, which is the last one; None: there is none."""
        strong = [state for state in self.states if state.word not in WEAK]
        states = strong or list(self.states)
        if not states:
            return None
        if len(states) > 1 and self._are_alternatives(states[-2], states[-1]):
            return None
        returned = next((state for state in states if state.word == "returnfrom"), None)
        if returned or self._is_switched(states[-1]):
            return returned or self._switched(states[-1])
        certain = [state for state in states if state.polarity is not Polarity.EITHER]
        return certain[-1] if certain else states[-1]

    @cached_property
    def polarity(self) -> Polarity | None:
        """Return the meaning of the state in the name; None: there is none."""
        return self.deciding.polarity if self.deciding else None

    @cached_property
    def text_words(self) -> tuple[str, ...]:
        """Return the first words of the description."""
        return without_negations(words_of_text(self.text.description))

    def annotation(self, key: str) -> str:
        """Return the value of the first `--#KEY` annotation; empty when there is none."""
        return next((value for name, value in self.text.annotations if name.upper() == key), "")

    def without(self, *states: StateWord) -> str:
        """Return the name as one word, without some of its words: the stem that pairs share."""
        left_out = {state.position for state in states}
        return "".join(
            THINGS.get(word, "") if position in left_out else word for position, word in enumerate(self.words)
        )

    def _is_switched(self, last: StateWord) -> bool:
        """Check for the end or the beginning of something bad: `FaultOff`, `StormEnd`, `AttackStart`."""
        before = self.words[: last.position]
        return (
            (last.polarity is Polarity.EITHER or (last.word == "remove" and "alarm" in before))
            and last.position == len(self.words) - 1
            and last.word in (*BEGINS, *STOPS)
            and any(word in BAD or word in ALARMING for word in before)
        )

    @staticmethod
    def _switched(last: StateWord) -> StateWord:
        return StateWord(last.word, last.position, Polarity.BAD if last.word in BEGINS else Polarity.GOOD)

    @staticmethod
    def _are_alternatives(first: StateWord, second: StateWord) -> bool:
        """Check for both states side by side, as in `linkUpDown`."""
        return second.position == first.position + 1 and (
            is_opposite(first.word, second.word) or is_opposite(second.word, first.word)
        )


def subject_of(fact: NotificationFact, text: NotificationText, objects: Mapping[str, ObjectFact]) -> Subject:
    """Collect what the rules read of a notification.

    Args:
        objects: By OID.
    """
    found = tuple(
        objects.get(reference.oid) or ObjectFact(oid="", name=reference.name, module="", syntax="")
        for reference in fact.objects
    )
    return Subject(fact, text, found)
