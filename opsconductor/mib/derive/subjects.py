"""A notification with its words, states, objects and text, each computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import (
    ALARMING,
    BAD,
    BEGINS,
    CLEARING,
    NOISE,
    STOPS,
    THINGS,
    Polarity,
    StateWord,
    is_opposite,
    polarity_of,
    states_in,
    without_negations,
)
from opsconductor.mib.derive.tokens import words_of, words_of_text
from opsconductor.mib.facts import NotificationFact, NotificationText, ObjectFact

WEAK = frozenset({"alarm", "threshold", "detect", "limit", "unexpected"})
"""State words that decide only if a name has no other."""

_COMPANIONS = words("peer server device member")
"""Things that are lost when they disappear."""


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
        found = without_negations(words_of(self.name))
        kept = tuple(word for word in found if word not in NOISE)
        return kept or found

    @cached_property
    def noise(self) -> tuple[str, ...]:
        """Return the words of the name that `words` leaves out."""
        return tuple(word for word in words_of(self.name) if word in NOISE)

    @cached_property
    def states(self) -> tuple[StateWord, ...]:
        """Return the state words in the name; `alarm` at its beginning is a prefix."""
        return tuple(
            self._in_context(state)
            for state in states_in(self.words)
            if (state.position, state.word) != (0, "alarm")
        )

    def _in_context(self, state: StateWord) -> StateWord:
        """Read words that mean something else of a neighbour: full is well, disappeared is lost."""
        if state.word == "full" and "peer" in self.words:
            return StateWord("establish", state.position, Polarity.GOOD)
        if state.word == "disappear" and not _COMPANIONS.isdisjoint(self.words):
            return StateWord("disappear", state.position, Polarity.BAD)
        return state

    @cached_property
    def deciding(self) -> StateWord | None:
        """Return the word for the current state, which is the last one; None: there is none."""
        strong = [state for state in self.states if not _is_weak(state.word)]
        states = strong or list(self.states)
        if not states:
            return None
        if len(states) > 1 and self._are_alternatives(states[-2], states[-1]):
            return None
        returned = next((state for state in states if state.word == "returnfrom"), None)
        if returned or self._is_switched(states[-1]):
            return returned or self._switched(states[-1])
        denied = self._denied(states[-1])
        if denied is not None:
            return denied
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

    def _denied(self, last: StateWord) -> StateWord | None:
        """Return the denial in `noServerAvailable`: what is said of a thing holds for none."""
        if last.polarity is not Polarity.GOOD or last.word in CLEARING:
            return None
        denials = (state for state in self.states if state.word.startswith("no-"))
        return next((state for state in denials if state.position < last.position), None)

    def _is_switched(self, last: StateWord) -> bool:
        """Check for the end or the beginning of something bad: `FaultOff`, `StormEnd`, `AttackStart`."""
        before = self.words[: last.position]
        return (
            (last.polarity is Polarity.EITHER or self._is_threat_gone(last.word, before))
            and last.position == len(self.words) - 1
            and last.word in (*BEGINS, *STOPS)
            and any(word in BAD or word in ALARMING for word in before)
        )

    @staticmethod
    def _is_threat_gone(word: str, before: tuple[str, ...]) -> bool:
        if word == "remove":
            return "alarm" in before
        return word == "lose" and not {"rogue", "intrusion", "attack", "interference"}.isdisjoint(before)

    @staticmethod
    def _switched(last: StateWord) -> StateWord:
        return StateWord(last.word, last.position, Polarity.BAD if last.word in BEGINS else Polarity.GOOD)

    @staticmethod
    def _are_alternatives(first: StateWord, second: StateWord) -> bool:
        """Check for both states side by side, as in `linkUpDown`."""
        return second.position == first.position + 1 and (
            is_opposite(first.word, second.word) or is_opposite(second.word, first.word)
        )


def _is_weak(word: str) -> bool:
    """Check for a word that decides only where a name has no other; `no-foo` is one if foo is no state."""
    return word in WEAK or (word.startswith("no-") and polarity_of(word.removeprefix("no-")) is None)


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
