"""Look-up of the mapping of a trap; cost does not grow with the number of mappings."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from opsconductor.model.mappings.mapping import OidMapping, Origin

WILDCARD = ".*"
CACHED_ANSWERS = 16_384

Answer = TypeVar("Answer")
Key = tuple[str, str | None]
ByPattern = dict[str, list[OidMapping]]


class DerivedSource(Protocol):
    """Mappings that are derived from the facts of MIBs, made when a trap first needs them."""

    def mapping(self, trap_oid: str) -> OidMapping | None:
        """Return what is derived from a trap, or None; a suggestion is not in force."""

    def cleared_by(self, trap_oid: str) -> Sequence[OidMapping]:
        """Return what is derived from the problems that a trap clears."""


class NothingDerived:
    """No mapping is derived."""

    def mapping(self, trap_oid: str) -> None:
        """See `DerivedSource`."""

    def cleared_by(self, trap_oid: str) -> Sequence[OidMapping]:
        """See `DerivedSource`."""
        del trap_oid
        return ()


NOTHING_DERIVED = NothingDerived()


class MappingTable:
    """An immutable set of mappings, indexed for look-up by trap OID.

    A look-up reads for each origin one dictionary at most three times and another once for every arc of
    the OID; results are cached, also negative ones. Derived mappings are made on the first look-up.
    """

    def __init__(self, mappings: Iterable[OidMapping], derived: DerivedSource = NOTHING_DERIVED) -> None:
        """Index the mappings by pattern and by the clear they name.

        Args:
            mappings: The operator's own and those of packs.
            derived: Used where these map nothing.
        """
        self.mappings = tuple(mappings)
        self._derived = derived
        by_pattern: dict[Origin, ByPattern] = {origin: {} for origin in Origin}
        by_clear: dict[Origin, ByPattern] = {origin: {} for origin in Origin}
        for mapping in self.mappings:
            by_pattern[mapping.origin].setdefault(mapping.oid_pattern, []).append(mapping)
            if mapping.clear_oid_pattern:
                by_clear[mapping.origin].setdefault(mapping.clear_oid_pattern, []).append(mapping)
        self._by_pattern: list[ByPattern] = [index for index in by_pattern.values() if index]
        self._by_clear: list[ByPattern] = [index for index in by_clear.values() if index]
        self._found: dict[Key, tuple[OidMapping, ...]] = {}
        self._clears: dict[Key, tuple[OidMapping, ...]] = {}

    def overridden(self, mappings: Iterable[OidMapping]) -> "MappingTable":
        """Return a table in which mappings take the place of those of the same origin for the same traps."""
        put = list(mappings)
        replaced = {(each.oid_pattern, each.vendor, each.conditions, each.origin) for each in put}
        kept = (
            each
            for each in self.mappings
            if (each.oid_pattern, each.vendor, each.conditions, each.origin) not in replaced
        )
        return MappingTable([*put, *kept], self._derived)

    def candidates(self, trap_oid: str, vendor: str | None) -> tuple[OidMapping, ...]:
        """Return the mappings of a trap: the operator's own, then those of packs, then derived ones.

        Of one origin, the longest pattern comes first, and the vendor's own before a generic one. An OID as
        it is takes precedence over the same OID with or without the `.0.` that RFC 3584 puts before the last
        arc of a v1 trap (devices and MIBs disagree about it), and any of these over a wildcard. Of mappings
        with one pattern, those with more conditions come first.

        Args:
            vendor: Lower case; None: only mappings without vendor apply.

        Returns:
            The first one whose conditions hold applies. None is listed after one without conditions.
        """
        key = (trap_oid, vendor)
        try:
            return self._found[key]
        except KeyError:
            return _remember(self._found, key, tuple(_until_sure(self._all_matching(*key))))

    def _all_matching(self, trap_oid: str, vendor: str | None) -> Iterator[OidMapping]:
        """Yield what matches a trap; what is derived last.

        A trap that a declared problem names as its clear is not derived to be a problem of its own.
        """
        yield from _matching(self._by_pattern, trap_oid, vendor)
        found = self._derived.mapping(trap_oid)
        if found is not None and (
            found.is_clear_event or not any(_matching(self._by_clear, trap_oid, vendor))
        ):
            yield found

    def matching(self, trap_oid: str, vendor: str | None) -> tuple[OidMapping, ...]:
        """Return all mappings whose pattern matches, in the order of `candidates`; not remembered."""
        return tuple(self._all_matching(trap_oid, vendor))

    def find(self, trap_oid: str, vendor: str | None) -> OidMapping | None:
        """Return the mapping of a trap by its OID alone; None: there is none."""
        return next((each for each in self.candidates(trap_oid, vendor) if not each.conditions), None)

    def cleared_by(self, trap_oid: str, vendor: str | None) -> tuple[OidMapping, ...]:
        """Return the problems that a trap clears, by their `clear_oid_pattern`, closest pattern first.

        All that match: the vendor's own do not hide generic ones, because the device may have
        raised the problem before its vendor was known. A problem whose trap a mapping of higher precedence
        maps is never raised: that mapping takes its place, unless it names a clear itself. What is derived
        counts for a trap that no declared mapping matches.
        """
        key = (trap_oid, vendor)
        try:
            return self._clears[key]
        except KeyError:
            named = [*_matching(self._by_clear, trap_oid, vendor)]
            if not any(_matching(self._by_pattern, trap_oid, vendor)):
                named += self._derived.cleared_by(trap_oid)
            problems: list[OidMapping] = []  # a mapping has no hash
            for each in (raised for problem in named for raised in self._raised(problem, vendor)):
                if each not in problems:
                    problems.append(each)
            return _remember(self._clears, key, tuple(problems))

    def _raised(self, problem: OidMapping, vendor: str | None) -> Iterator[OidMapping]:
        """Yield the mappings that apply to the trap of a problem: itself, or what overrides it."""
        if problem.origin is Origin.OWN or problem.oid_pattern.endswith(WILDCARD):
            yield problem
            return
        for found in self.candidates(problem.oid_pattern, vendor or problem.vendor):
            if found.origin >= problem.origin:
                yield problem
                return
            is_same_trap = not found.oid_pattern.endswith(WILDCARD)
            if is_same_trap and not found.clear_oid_pattern and not found.is_clear_event:
                yield found
            if not found.conditions:
                return
        yield problem


def _remember(answers: dict[Key, Answer], key: Key, answer: Answer) -> Answer:
    if len(answers) >= CACHED_ANSWERS:
        answers.clear()
    answers[key] = answer
    return answer


def _until_sure(mappings: Iterable[OidMapping]) -> Iterator[OidMapping]:
    """Yield mappings up to the first one that applies always."""
    for mapping in mappings:
        yield mapping
        if not mapping.conditions:
            return


def _matching(layers: Sequence[ByPattern], trap_oid: str, vendor: str | None) -> Iterator[OidMapping]:
    """Yield the mappings whose pattern matches, best first."""
    for index in layers:
        for pattern in _patterns(trap_oid):
            held = sorted(index.get(pattern, ()), key=_looseness)
            yield from (mapping for mapping in held if mapping.vendor and mapping.vendor.lower() == vendor)
            yield from (mapping for mapping in held if not mapping.vendor)


def _looseness(mapping: OidMapping) -> int:
    return -len(mapping.conditions)


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
