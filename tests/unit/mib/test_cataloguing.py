"""The files of the catalogue, from the definitions of modules."""

from collections.abc import Mapping

from opsconductor.mib.catalogue import Catalogue, write_catalogue
from opsconductor.mib.cataloguing import ModuleSource, catalogues_of
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derive.modules import derive
from opsconductor.mib.facts import (
    IndexPart,
    NotificationFact,
    NotificationText,
    ObjectFact,
    ObjectReference,
)

CISCO = "1.3.6.1.4.1.9"
INDEX = (IndexPart("fanIndex", "INTEGER"),)
OBJECTS = (
    ObjectFact(CISCO, "cisco", "CISCO-SMI", ""),
    ObjectFact(f"{CISCO}.7.1.1", "fanIndex", "A-MIB", "INTEGER", index=INDEX),
    ObjectFact(f"{CISCO}.7.1.2", "fanState", "A-MIB", "INTEGER", units="x" * 99, index=INDEX),
    ObjectFact(f"{CISCO}.7.1.3", "fanColour", "A-MIB", "INTEGER", index=INDEX),
)


def notice(oid: str, name: str, module: str = "A-MIB") -> NotificationFact:
    """Return a notification with the state of a fan."""
    return NotificationFact(oid, name, module, (ObjectReference("fanState", f"{CISCO}.7.1.2"),))


def derived(*facts: NotificationFact) -> tuple[DerivedMapping, ...]:
    """Derive the mappings of notifications."""
    stated = [(fact, NotificationText()) for fact in facts]
    return derive(stated, {fact.oid: fact for fact in OBJECTS})


def made(
    *facts: NotificationFact,
    dates: Mapping[str, str] | None = None,
    present: Mapping[str, Catalogue] | None = None,
) -> Mapping[str, Catalogue]:
    """Make the files of the catalogue."""
    updated = {"A-MIB": "2020-01-01", **(dates or {})}
    sources = [ModuleSource(module, day, "a collection") for module, day in updated.items()]
    return catalogues_of(derived(*facts), OBJECTS, sources, present or {})


def names(catalogue: Catalogue) -> list[str]:
    """Return the names of objects and notifications of a file."""
    return [each.name for each in catalogue.objects] + [each.name for each in catalogue.notifications]


def test_each_vendor_has_a_file_with_what_its_notifications_use() -> None:
    """Its name is the vendor or the enterprise in short; unused objects and long units are left out."""
    files = made(
        notice(f"{CISCO}.7.0.1", "fanFailed"),
        notice("1.3.6.1.4.1.1.0.1", "fanLost"),
        notice("1.3.6.1.3.7.0.1", "fanBroken"),
        notice("1.3.6.1.4.1.4294967.0.1", "fanDown"),
    )
    assert set(files) == {"cisco", "nxnetworks", "other", "enterprise-4294967"}
    assert names(files["cisco"]) == ["cisco", "fanIndex", "fanState", "fanFailed"]
    assert [fact.units for fact in files["cisco"].objects] == ["", "", ""]
    assert files["cisco"].remarks == (
        "Below the enterprise numbers 9.",
        "Module A-MIB of 2020-01-01, from a collection",
    )
    assert [each.role for each in files["cisco"].mappings] == ["problem"]


def test_an_oid_that_several_modules_define_is_that_of_the_newest() -> None:
    """The newer module is used as a whole, so that its pairs stay together."""
    old = [notice(f"{CISCO}.7.0.1", "fanDown", "B-MIB"), notice(f"{CISCO}.7.0.2", "fanUp", "B-MIB")]
    new = [notice(f"{CISCO}.7.0.1", "fanFailed"), notice(f"{CISCO}.7.0.3", "fanOk")]
    files = made(*old, *new, dates={"B-MIB": "2019-12-31"})
    assert [fact.name for fact in files["cisco"].notifications] == ["fanFailed", "fanOk", "fanUp"]


def test_modules_that_are_not_compiled_stay() -> None:
    """A module can be added; a recompiled one replaces its former lines."""
    first = made(notice(f"{CISCO}.7.0.1", "fanFailed"), notice(f"{CISCO}.7.0.2", "fanOdd"))
    second = made(notice(f"{CISCO}.8.0.1", "doorOpen", "B-MIB"), dates={"B-MIB": ""}, present=first)
    assert names(second["cisco"])[-1] == "doorOpen"
    sources = [ModuleSource("B-MIB", "", "b")]
    more = derived(notice(f"{CISCO}.8.0.1", "doorOpen", "B-MIB"))
    third = catalogues_of(more, OBJECTS, sources, first)
    assert {fact.name for fact in third["cisco"].notifications} == {"fanFailed", "fanOdd", "doorOpen"}
    assert third["cisco"].remarks[1:] == (
        "Module A-MIB of 2020-01-01, from a collection",
        "Module B-MIB, from b",
    )
    again = made(notice(f"{CISCO}.7.0.1", "fanFailed"), present=third)
    assert {fact.name for fact in again["cisco"].notifications} == {"fanFailed", "doorOpen"}


def test_facts_of_standard_modules_stay_unchanged() -> None:
    """Derived mappings are added; definitions of their OIDs in other files are left out."""
    reviewed = notice("1.3.6.1.2.1.9.0.1", "fanFailed")
    mine = Catalogue((OBJECTS[1],), (reviewed,), ("reviewed",))
    files = made(
        reviewed,
        notice(reviewed.oid, "other", "B-MIB"),
        notice(f"{CISCO}.7.0.1", "fanLost"),
        present={"standard": mine},
    )
    standard = files["standard"]
    assert (standard.objects, standard.notifications, standard.remarks) == (
        mine.objects,
        mine.notifications,
        mine.remarks,
    )
    assert [each.notification for each in standard.mappings] == [reviewed]
    assert "fanIndex" not in names(files["cisco"])
    assert "other" not in files


def test_the_same_input_gives_the_same_text() -> None:
    """The order in which modules come does not matter."""
    facts = [
        notice(f"{CISCO}.7.0.{number}", f"fan{number}Failed", module)
        for number, module in ((1, "A-MIB"), (2, "B-MIB"), (1, "B-MIB"))
    ]
    one, other = made(*facts), made(*reversed(facts))
    assert [write_catalogue(each) for each in one.values()] == [
        write_catalogue(each) for each in other.values()
    ]
