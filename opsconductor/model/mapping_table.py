"""Look-up of the mapping of a trap; cost does not grow with the number of mappings."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from opsconductor.model.mapping import OidMapping, Origin

WILDCARD = ".*"
CACHED_ANSWERS = 16_384

Answer = TypeVar("Answer")
Key = tuple[str, str | None]
ByPattern = dict[str, list[OidMapping]]
Layers = tuple[ByPattern, ...]
"""Mappings by pattern, one dictionary for each origin in the order of precedence."""


class MappingTable:
    """An immutable set of mappings, indexed for look-up by trap OID.

    A look-up reads for each origin one dictionary at most three times and another once for every arc of
    the OID; results are cached, also negative ones.
    """

    def __init__(self, mappings: Iterable[OidMapping]) -> None:
        """Index the mappings by pattern and by the clear they name."""
        self.mappings = tuple(mappings)
        self._by_pattern: Layers = tuple({} for _ in Origin)
        self._by_clear: Layers = tuple({} for _ in Origin)
        for mapping in self.mappings:
            self._by_pattern[mapping.origin].setdefault(mapping.oid_pattern, []).append(mapping)
            if mapping.clear_oid_pattern:
                self._by_clear[mapping.origin].setdefault(mapping.clear_oid_pattern, []).append(mapping)
        self._found: dict[Key, OidMapping | None] = {}
        self._clears: dict[Key, tuple[OidMapping, ...]] = {}

    def find(self, trap_oid: str, vendor: str | None) -> OidMapping | None:
        """Return the mapping of a trap: the operator's own before those of packs, then by pattern.

        Of one origin, the longest pattern comes first, and the vendor's own before a generic one.

        An OID as it is takes precedence over the same OID with or without the `.0.` that RFC 3584 puts
        before the last arc of a v1 trap (devices and MIBs disagree about it), and any of these
        over a wildcard.

        Args:
            vendor: Lower case; None: only mappings without vendor apply.
        """
        key = (trap_oid, vendor)
        try:
            return self._found[key]
        except KeyError:
            mapping = next(_matching(self._by_pattern, trap_oid, vendor), None)
            return _remember(self._found, key, mapping)

    def cleared_by(self, trap_oid: str, vendor: str | None) -> tuple[OidMapping, ...]:
        """Return the problems that a trap clears, by their `clear_oid_pattern`, closest pattern first.

        All that match: the vendor's own do not hide generic ones, because the device may have
        raised the problem before its vendor was known. A problem of a pack is left out if the operator has
        mapped its trap, since it is never raised.
        """
        key = (trap_oid, vendor)
        try:
            return self._clears[key]
        except KeyError:
            named = _matching(self._by_clear, trap_oid, vendor)
            problems = tuple(problem for problem in named if not self._is_overridden(problem, vendor))
            return _remember(self._clears, key, problems)

    def _is_overridden(self, problem: OidMapping, vendor: str | None) -> bool:
        if problem.origin is Origin.OWN:
            return False
        found = self.find(problem.oid_pattern, vendor)
        return found is not None and found.origin < problem.origin


def _remember(answers: dict[Key, Answer], key: Key, answer: Answer) -> Answer:
    if len(answers) >= CACHED_ANSWERS:
        answers.clear()
    answers[key] = answer
    return answer


def _matching(layers: Layers, trap_oid: str, vendor: str | None) -> Iterator[OidMapping]:
    """Yield the mappings whose pattern matches, best first."""
    for index in filter(None, layers):
        for pattern in _patterns(trap_oid):
            held = index.get(pattern, ())
            yield from (mapping for mapping in held if mapping.vendor and mapping.vendor.lower() == vendor)
            yield from (mapping for mapping in held if not mapping.vendor)


def _patterns(trap_oid: str) -> Iterator[str]:
    """Return every pattern that could match an OID, longest first.

    Source:
        RFC 3584 section 3.1 for the `.0.`; the look-up order is ours.
    """
    yield trap_oid
    stem, _, last = trap_oid.rpartition(".")
    if stem.endswith(".0"):
        yield f"{stem[:-2]}.{last}"
    elif stem:
        yield f"{stem}.0.{last}"
        yield f"{stem}.0{WILDCARD}"
    while stem:
        yield stem + WILDCARD
        stem = stem.rpartition(".")[0]
