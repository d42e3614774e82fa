"""Consistency of the columns of one declared row."""

from collections.abc import Iterator

from opsconductor.config.faults import shown
from opsconductor.config.provision.rows import Item, ProvisionTable
from opsconductor.errors import Fault
from opsconductor.mib.expression import expression_fault


def disagreements(item: Item) -> Iterator[Fault]:
    """Return faults for columns of one row that contradict each other, and for invalid templates."""
    match item.table:
        case ProvisionTable.OID_MAPPINGS:
            yield from _in_words(item)
            yield from _in_clearing(item)
            yield from _in_expressions(item)
        case ProvisionTable.DEPENDENCIES if item.row["device_ip"] == item.row["depends_on_ip"]:
            yield item.fault("depends_on_ip", shown(item.row["device_ip"]), "another device than device_ip")
        case ProvisionTable.DEVICES:
            addresses = [*filter(None, [item.row["ip_address"]]), *item.row["addresses"]]
            for address in sorted({address for address in addresses if addresses.count(address) > 1}):
                yield item.fault("addresses", f"{address} again", "it once, ip_address included")


def _in_words(item: Item) -> Iterator[Fault]:
    rows = [("", item.row), *((f"cases.{at}.", case) for at, case in enumerate(item.row["cases"]))]
    for prefix, row in rows:
        category = row.get("category") or item.row["category"]
        alert_type = row.get("alert_type") or item.row["alert_type"]
        if not alert_type.startswith(f"{category}_"):
            yield item.fault(f"{prefix}alert_type", shown(alert_type), f"the category first: {category}_...")


def _in_clearing(item: Item) -> Iterator[Fault]:
    if item.row["is_clear_event"]:
        if item.row["default_severity"] != "clear":
            expected = "clear, because is_clear_event is true"
            yield item.fault("default_severity", shown(item.row["default_severity"]), expected)
        if item.row["clear_oid_pattern"]:
            expected = "nothing, because is_clear_event is true"
            yield item.fault("clear_oid_pattern", shown(item.row["clear_oid_pattern"]), expected)


def _in_expressions(item: Item) -> Iterator[Fault]:
    rows = [("", item.row), *((f"cases.{at}.", case) for at, case in enumerate(item.row["cases"]))]
    for prefix, row in rows:
        for column in ("title_template", "resource_expression"):
            text = row.get(column) or ""
            if problem := expression_fault(text, is_title=column == "title_template"):
                yield item.fault(f"{prefix}{column}", problem, "text with placeholders such as {ifIndex}")
    for text in item.row["more_resources"]:
        if problem := expression_fault(text, is_title=False):
            yield item.fault("more_resources", problem, "text with placeholders such as {ifIndex}")
