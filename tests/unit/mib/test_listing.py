"""Mappings are found by text: the short way that reads few of them finds the same."""

import pytest

from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.facts import NotificationFact
from opsconductor.mib.indexing import index_of
from opsconductor.mib.listing import ListedOrigin, MappingSearch, WantedMappings, list_mappings
from opsconductor.mib.lookup import MibFacts
from opsconductor.model.enums import Category, Severity

ACME = "1.3.6.1.4.1.99999"


def derived(number: int, name: str, alert_type: str, module: str = "ACME-FAN-MIB") -> DerivedMapping:
    """Derive a mapping from a notification of a made-up MIB."""
    return DerivedMapping(
        notification=NotificationFact(f"{ACME}.0.{number}", name, module, (), "acme"),
        role="problem",
        alert_type=alert_type,
        category=Category.ENVIRONMENT,
        severity=Severity.MAJOR,
        title="Fan - {device_name}",
        resource=(),
        clears=(),
        state=None,
        is_cutting=False,
        expires_after=None,
        confidence=0.9,
        reasons=(),
    )


def facts_of(*mappings: DerivedMapping) -> MibFacts:
    """Make facts with these mappings."""
    return MibFacts([index_of([], [each.notification for each in mappings], mappings)])


SHIPPED = facts_of(
    derived(1, "acmeFanFailed", "environment_fan_failed"), derived(2, "acmeOther", "environment_other")
)
IMPORTED = facts_of(derived(1, "acmeFanRenamed", "environment_cooling_failed"))
BOTH = MibFacts([*IMPORTED.indexes, *SHIPPED.indexes])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["acmeFanRenamed", "acmeOther"]),
        ("ACMEFAN", ["acmeFanRenamed"]),
        ("fanfailed", []),  # an imported module has another notification at its OID
        ("acme-fan-mib::acmeo", ["acmeOther"]),
        ("renamed environment_c", ["acmeFanRenamed"]),
        (f".{ACME}.0.2", ["acmeOther"]),
        (ACME, ["acmeFanRenamed", "acmeOther"]),
        ("acme acme-fan", ["acmeFanRenamed", "acmeOther"]),
        ("none", []),
    ],
)
def test_a_text_finds_what_a_search_in_all_finds(text: str, names: list[str]) -> None:
    """Part of a name, a module with a name, an OID above; what an imported module overrides is left out."""
    wanted = WantedMappings(text=text)
    found, total = list_mappings([], BOTH, wanted)
    assert ([each.name for each in found], total) == (names, len(names))
    assert (found, total) == MappingSearch([], BOTH).find(wanted)
    assert {each.origin for each in found} <= {ListedOrigin.DERIVED}
