"""Checks of conditions and cases: which can never hold, and which are never reached."""

from collections.abc import Iterable, Iterator, Sequence

from opsconductor.mib.lint.finding import ExaminedMapping, LintFinding, LintLevel, RowPath
from opsconductor.model.mappings.mapping import Condition


def check_branches(examined: ExaminedMapping) -> Iterator[LintFinding]:
    """Find conditions that contradict each other, and cases behind one that always takes their place."""
    own = examined.resolved.conditions
    if reason := contradiction(own):
        yield _never(examined, ("conditions",), reason)
        return
    before: list[Sequence[Condition]] = []
    for number, case in enumerate(examined.resolved.cases):
        path: RowPath = ("cases", number, "when")
        together = (*own, *case.conditions)
        if reason := contradiction(together):
            yield _never(examined, path, reason)
            continue
        taken = next((at for at, other in enumerate(before) if follows(together, other)), None)
        if taken is not None:
            found = f"case {taken} applies whenever this one would: it is never reached"
            remedy = "the narrower case first, or remove this one"
            yield examined.finding(path, LintLevel.ERROR, "unreachable-case", ("", found, remedy))
        before.append(case.conditions)


def _never(examined: ExaminedMapping, path: RowPath, reason: str) -> LintFinding:
    texts = ("", f"these conditions never hold together: {reason}", "conditions that one trap can meet")
    return examined.finding(path, LintLevel.ERROR, "never-holds", texts)


def contradiction(conditions: Iterable[Condition]) -> str:
    """Return why conditions cannot hold together; empty: they can, as far as is seen here."""
    by_varbind: dict[str, list[Condition]] = {}
    for condition in conditions:
        by_varbind.setdefault(condition.varbind, []).append(condition)
    return next(filter(None, (_clash(varbind, tests) for varbind, tests in by_varbind.items())), "")


def _clash(varbind: str, tests: Sequence[Condition]) -> str:
    absent = [test for test in tests if test.is_present is False]
    if absent and (len(absent) < len(tests) or any(_tests_value(test) for test in absent)):
        return f"{varbind} must be absent, and have a value"
    least = max((test.at_least for test in tests if test.at_least is not None), default=None)
    most = min((test.at_most for test in tests if test.at_most is not None), default=None)
    if least is not None and most is not None and least > most:
        return f"{varbind} must be at least {least:g} and at most {most:g}"
    allowed = [set(test.equals) for test in tests if test.equals]
    forbidden = {value for test in tests for value in test.differs_from}
    if allowed and not set.intersection(*allowed) - forbidden:
        return f"no value of {varbind} is allowed by all"
    return ""


def _tests_value(test: Condition) -> bool:
    return bool(
        test.equals
        or test.differs_from
        or test.matches
        or test.has_bit
        or test.at_least is not None
        or test.at_most is not None
    )


def follows(narrow: Sequence[Condition], wide: Sequence[Condition]) -> bool:
    """Check whether the second conditions hold whenever the first ones do."""
    return all(any(_implies(one, other) for one in narrow) for other in wide)


def _implies(one: Condition, other: Condition) -> bool:
    if one == other:
        return True
    if one.varbind != other.varbind:
        return False
    only_equals = Condition(varbind=other.varbind, equals=other.equals)
    if other == only_equals:
        return bool(one.equals) and set(one.equals) <= set(other.equals)
    return other == Condition(varbind=other.varbind, is_present=True) and _tests_value(one)
