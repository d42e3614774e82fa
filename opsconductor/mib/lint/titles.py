"""Checks of titles and of what names a notification."""

from collections.abc import Iterator

from opsconductor.mib.expression import PLACEHOLDER
from opsconductor.mib.lint.finding import ExaminedMapping, LintFinding, LintLevel
from opsconductor.mib.lookup import MibFacts

_DEVICE = "device_name"


def check_titles(examined: ExaminedMapping, facts: MibFacts) -> Iterator[LintFinding]:
    """Find titles that are the same for every instance, and a `mib_object` that is another notification."""
    written, notification = examined.written, examined.notification
    if notification is not None and written.mib_object and notification.name != written.mib_object:
        found = f"{written.oid_pattern} is {notification.module}::{notification.name}"
        texts = (written.mib_object, found, "the OID or the name of the notification that is meant")
        yield examined.finding(("mib_object",), LintLevel.WARNING, "other-notification", texts)
    if set(PLACEHOLDER.findall(written.title_template)) - {_DEVICE}:
        return
    instances = [
        each.name
        for each in (notification.objects if notification else ())
        if each.oid and (fact := facts.object_above(each.oid)) is not None and fact.index
    ]
    if written.resource_expression or instances:
        found = "the title is the same for each of them"
        if instances and not written.resource_expression:
            found = f"the trap is about a row ({', '.join(instances)}), and {found}"
        texts = (written.title_template, found, "{resource} or a variable in the title")
        yield examined.finding(("title_template",), LintLevel.WARNING, "same-title", texts)
