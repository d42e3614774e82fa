"""Which mapping applies to a trap, by the values of its variables."""

from collections.abc import Callable, Iterable, Sequence

from opsconductor.mib.decode.value import set_bits
from opsconductor.mib.expression import MISSING
from opsconductor.mib.pattern import is_found
from opsconductor.model.mappings.mapping import Condition, OidMapping

ValueOf = Callable[[str], str]
"""Returns the value of the variable at or below an OID as text; `?`: there is none."""

_HEX = "0x"


def holds(condition: Condition, value: str) -> bool:
    """Check a condition against the value of its variable; `?`: the trap does not carry it."""
    if value == MISSING:
        return condition.is_present is False
    if condition.is_present is False:
        return False
    if condition.equals and value not in condition.equals:
        return False
    if value in condition.differs_from or not _within(condition, value):
        return False
    if condition.matches and not is_found(condition.matches, value):
        return False
    return not condition.has_bit or not _bits(value).isdisjoint(condition.has_bit)


def _within(condition: Condition, value: str) -> bool:
    if condition.at_least is None and condition.at_most is None:
        return True
    try:
        number = float(value)
    except ValueError:
        return False
    is_enough = condition.at_least is None or number >= condition.at_least
    return is_enough and (condition.at_most is None or number <= condition.at_most)


def _bits(value: str) -> set[str]:
    """Return the positions of set bits: of BITS from the first octet on, of a number from the lowest."""
    if value.startswith(_HEX):
        try:
            return set(map(str, set_bits(bytes.fromhex(value[len(_HEX) :]))))
        except ValueError:
            return set()
    if not value.isdecimal():
        return set()
    number = int(value)
    return {str(bit) for bit in range(number.bit_length()) if number >> bit & 1}


def all_hold(conditions: Iterable[Condition], value_of: ValueOf) -> bool:
    """Check whether all conditions hold; without any they do."""
    return all(holds(condition, value_of(condition.varbind)) for condition in conditions)


def applicable(candidates: Sequence[OidMapping], value_of: ValueOf) -> OidMapping | None:
    """Return the first mapping whose conditions hold, or its case that does; None: no mapping applies."""
    for mapping in candidates:
        if not mapping.conditions or all_hold(mapping.conditions, value_of):
            return _case(mapping, value_of) if mapping.cases else mapping
    return None


def _case(mapping: OidMapping, value_of: ValueOf) -> OidMapping:
    for case in mapping.cases:
        if all_hold(case.conditions, value_of):
            return case.mapping
    return mapping


def cleared(problems: Sequence[OidMapping], value_of: ValueOf) -> Sequence[OidMapping]:
    """Return the problems that a trap clears, by the conditions that they put on their clear."""
    if not any(problem.clear_conditions for problem in problems):
        return problems
    return [problem for problem in problems if all_hold(problem.clear_conditions, value_of)]


def is_conditional(candidates: Sequence[OidMapping], problems: Sequence[OidMapping]) -> bool:
    """Return True if `applicable` or `cleared` depends on the values of the trap."""
    return any(each.conditions or each.cases for each in candidates) or any(
        problem.clear_conditions for problem in problems
    )
