"""A proposal is the same as a file and as rows of the table of mappings."""

from dataclasses import replace
from pathlib import Path

import yaml

from opsconductor.app.configuring.loading import read_pack_mappings
from opsconductor.config.provision.declared.tables import DeclaredMapping
from opsconductor.mapping_report.facets import Facet
from opsconductor.mapping_report.proposal import extended, propose, with_expression, without
from opsconductor.mib.lookup import standard_facts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.mib.resolving import resolved
from opsconductor.model.mappings.mapping import OidMapping, Origin

FACTS = standard_facts()
IF_OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"


def read_back(text: str) -> list[OidMapping]:
    """Read a proposal as a daemon would that has it applied."""
    document = yaml.load(text, yaml.CSafeLoader)
    rows = [DeclaredMapping.model_validate(row) for row in document["oid_mappings"]]
    return [resolved(mapping_of(row.model_dump(mode="json"), Origin.OWN), FACTS) for row in rows]


def test_every_shipped_mapping_can_be_proposed_unchanged(tmp_path: Path) -> None:
    """Conditions, cases, severities by value, clears: nothing of a row is lost in the file."""
    mappings = [resolved(each, FACTS) for each in read_pack_mappings(tmp_path)]
    assert len(mappings) > 100
    for mapping in mappings:
        proposal = propose([mapping], FACTS, "why")
        assert proposal is not None
        (found,) = read_back(proposal.text)
        assert found == own(mapping)


def own(mapping: OidMapping) -> OidMapping:
    """Return a mapping as a row of the operator's own; a severity map with a standard lists its values."""
    return replace(
        mapping,
        origin=Origin.OWN,
        cases=tuple(case._replace(mapping=own(case.mapping)) for case in mapping.cases),
    )


def test_an_expression_gains_and_loses_variables() -> None:
    """A row is referred to by its index, a value by its name; words before a variable are removed with it."""
    row = Facet(IF_OPER_STATUS, "ifOperStatus", is_instance=True)
    value = Facet("1.3.6.1.2.1.31.1.1.1.1", "ifName", is_instance=False)
    text = extended("unit={1.2.3}", [row, value], FACTS)
    assert text == f"unit={{1.2.3}} ifIndex={{{IF_OPER_STATUS}#}} ifName={{1.3.6.1.2.1.31.1.1.1.1}}"
    assert without(text, ["1.2.3", "1.3.6.1.2.1.31.1.1.1.1"]) == f"ifIndex={{{IF_OPER_STATUS}#}}"
    assert extended("x" * 250, [row], FACTS) is None


def test_a_proposal_has_one_id_and_names_objects(tmp_path: Path) -> None:
    """The same mappings have the same ID, whatever the reason; OIDs are written as names."""
    mapping = next(each for each in read_pack_mappings(tmp_path) if not each.cases)
    changed = with_expression([mapping], f"ifIndex={{{IF_OPER_STATUS}#}}")
    first, second = (propose(changed, FACTS, why) for why in ("3 times", "4 times"))
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert first.resource_expression == "ifIndex={ifOperStatus#}"
