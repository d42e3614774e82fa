"""Alerts on notification rules that can reach no one; pure."""

from collections.abc import Iterable, Iterator

from opsconductor.model.enums import Severity
from opsconductor.model.text import without_placeholders
from opsconductor.selfcheck.watch.trouble import Trouble


def troubles_of_rules(unreached: Iterable[str]) -> Iterator[Trouble]:
    """Return one for each rule, by name."""
    for rule in unreached:
        name = without_placeholders(rule)
        yield Trouble(
            alert_type="application_rule_reaches_no_one",
            severity=Severity.MAJOR,
            title=f"Rule Reaches No One - {name}",
            message=f"Rule {name} notifies no one: all persons whom it names are disabled, have no contact "
            "method or do not exist. Name someone else in the rule, or enable them again.",
            resource=f"rule={rule}",
        )
