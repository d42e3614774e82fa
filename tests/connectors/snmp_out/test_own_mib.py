"""Our own MIB compiles whole, ships in the catalogue, and has the numbers that the channel sends."""

from collections.abc import Mapping

import pytest

from connectors.snmp_out import varbinds
from opsconductor.mib.compiler.compilation import compile_files
from opsconductor.mib.compiler.pool import WorkerPool
from opsconductor.mib.compiler.report import CompiledModule, Completeness
from opsconductor.mib.compiler.sources import MibFile
from opsconductor.model.enums import Category, NotificationKind, Priority, Severity, Status
from opsconductor.shipped import shipped
from tests.support.notify.notices import notice


async def compiled() -> CompiledModule:
    """Compile the file that ships."""
    content = (shipped("mibs") / "OPSCONDUCTOR-MIB.txt").read_bytes()
    async with WorkerPool(1) as pool:
        found = await compile_files([MibFile("own", lambda: content)], (), pool, lambda *_: None, workers=1)
    assert not found.failed
    (module,) = found.modules
    return module


async def test_the_module_is_whole_and_in_the_catalogue() -> None:
    """Each object and notification is in the file of the catalogue that names variables in alerts."""
    module = await compiled()
    assert module.completeness is Completeness.WHOLE
    text = (shipped("mibs") / "catalogue" / "opsconductor.tsv").read_text(encoding="utf-8")
    facts = [(each.oid, each.name) for each in module.objects]
    facts += [(each.oid, each.name) for each in module.notifications]
    for oid, name in facts:
        assert f"\t{oid}\tOPSCONDUCTOR-MIB\t{name}" in text


async def test_what_is_sent_is_what_the_notifications_declare() -> None:
    """The variables of both, in their order, before what a proxy adds."""
    module = await compiled()
    sent = [oid.removesuffix(".0") for oid, _, _ in varbinds.alert_notice(notice(), 0).varbinds]
    assert {fact.oid for fact in module.notifications} == {varbinds.RAISED, varbinds.CLEARED}
    for fact in module.notifications:
        assert [each.oid for each in fact.objects] == sent


@pytest.mark.parametrize(
    ("name", "codes", "values"),
    [
        ("opsAlertKind", varbinds.KINDS, None),
        ("opsAlertSeverity", varbinds.SEVERITIES, set(Severity)),
        ("opsAlertStatus", varbinds.STATUSES, set(Status)),
        ("opsAlertPriority", {key.lower(): code for key, code in varbinds.PRIORITIES.items()}, None),
        ("opsAlertCategory", varbinds.CATEGORIES, {*Category} - {Category.UNKNOWN}),
    ],
)
async def test_labels_are_the_words_of_the_model(
    name: str, codes: Mapping[str, int], values: set[str] | None
) -> None:
    """Each value of the model has the number that the MIB gives to its label."""
    module = await compiled()
    (fact,) = [each for each in module.objects if each.name == name]
    labels = {label: number for number, label in fact.enumeration}
    assert {label: labels[label] for label in codes} == dict(codes)
    assert set(labels) - set(codes) <= {"unknown", "other"}
    if values is not None:
        assert {str(value) for value in values} == set(codes)


def test_every_priority_has_a_number() -> None:
    """And every kind of notification about one alert: this channel gets no others."""
    about_others = {NotificationKind.SUMMARY, NotificationKind.MAINTENANCE}
    assert set(varbinds.PRIORITIES) == {str(priority) for priority in Priority}
    assert set(varbinds.KINDS) == {str(kind) for kind in NotificationKind} - about_others
