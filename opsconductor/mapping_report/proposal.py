"""Changed mappings that a person may apply; nothing is applied by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from opsconductor.config.provision.export import dump
from opsconductor.config.provision.rows import MODELS, ProvisionTable
from opsconductor.mapping_report.facets import Facet
from opsconductor.mib.expression import LONGEST_EXPRESSION, PLACEHOLDER, is_oid, split_name
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.resolving import oid_of
from opsconductor.model.mappings.mapping import Condition, MappingCase, OidMapping, Origin

ID_LENGTH = 6
MODEL = MODELS[ProvisionTable.OID_MAPPINGS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Mappings to be applied in place of those in force.

    Attributes:
        id: Names it on the command line; the same for the same mappings.
        mappings: With OIDs in place of names.
        document: The same as a provisioning document, JSON-ready.
        text: The same as a provisioning file.
        resource_expression: That of the problem, for people.
    """

    id: str
    mappings: tuple[OidMapping, ...]
    document: Mapping[str, Any]
    text: str
    resource_expression: str


def propose(mappings: Sequence[OidMapping], facts: MibFacts, why: str) -> Proposal | None:
    """Return the proposal to apply mappings; None: no file could declare them."""
    unique = {(each.oid_pattern, each.vendor, each.conditions): each for each in mappings}
    try:
        rows = [
            MODEL.model_validate(_row(_named(each, facts), why)).model_dump(
                mode="json", exclude_defaults=True
            )
            for each in unique.values()
        ]
    except ValueError:
        return None
    document = {ProvisionTable.OID_MAPPINGS.value: rows}
    return Proposal(
        id=sha256(repr(list(unique.values())).encode()).hexdigest()[:ID_LENGTH],
        mappings=tuple(replace(each, origin=Origin.OWN) for each in unique.values()),
        document=document,
        text=dump(document),
        resource_expression=rows[0].get("resource_expression", ""),
    )


def with_expression(mappings: Iterable[OidMapping], expression: str) -> list[OidMapping]:
    """Return mappings with another resource expression, in their cases as well."""
    return [
        replace(
            mapping,
            resource_expression=expression,
            cases=tuple(
                MappingCase(case.conditions, replace(case.mapping, resource_expression=expression))
                for case in mapping.cases
            ),
        )
        for mapping in mappings
    ]


def extended(expression: str, facets: Iterable[Facet], facts: MibFacts) -> str | None:
    """Return an expression that also names facets; None: it would be too long."""
    parts = [expression, *(f"{_label(facet, facts)}={facet.placeholder}" for facet in facets)]
    text = " ".join(filter(None, parts))
    return text if len(text) <= LONGEST_EXPRESSION else None


def without(expression: str, placeholders: Iterable[str]) -> str:
    """Return an expression without placeholders, and without the words that stand before them."""
    left_out = {f"{{{name}}}" for name in placeholders}
    kept = [word for word in expression.split(" ") if not any(each in word for each in left_out)]
    return " ".join(kept)


def _label(facet: Facet, facts: MibFacts) -> str:
    fact = facts.object_above(facet.oid)
    if facet.is_instance and fact is not None and len(fact.index) == 1 and fact.index[0].name:
        return fact.index[0].name
    return facet.name or ("row" if facet.is_instance else "id")


def _row(mapping: OidMapping, why: str) -> dict[str, Any]:
    by_value, lasts = mapping.severity_map, mapping.expires_after
    return {
        "oid_pattern": mapping.oid_pattern,
        "vendor": mapping.vendor,
        "alert_type": mapping.alert_type,
        "category": mapping.category,
        "default_severity": mapping.default_severity,
        "title_template": mapping.title_template,
        "description": mapping.description,
        "is_clear_event": mapping.is_clear_event,
        "clear_oid_pattern": mapping.clear_oid_pattern,
        "mib_name": mapping.mib_name,
        "mib_object": mapping.mib_object,
        "notes": why,
        "resource_expression": mapping.resource_expression,
        "severity_map": by_value
        and {"varbind": by_value.varbind, "standard": by_value.standard, "values": dict(by_value.values)},
        "is_cutting": mapping.is_cutting,
        "expires_after_s": lasts and int(lasts.total_seconds()),
        "conditions": _conditions(mapping.conditions),
        "cases": [_case(mapping, case) for case in mapping.cases],
        "clear_conditions": _conditions(mapping.clear_conditions),
        "more_resources": mapping.more_resources,
    }


def _conditions(conditions: Iterable[Condition]) -> list[Mapping[str, Any]]:
    names = ("varbind", "equals", "differs_from", "at_least", "at_most", "matches", "is_present", "has_bit")
    return [{name: getattr(condition, name) for name in names} for condition in conditions]


def _case(mapping: OidMapping, case: MappingCase) -> dict[str, Any]:
    """Return what a case says; its severity also when it is that of the mapping, which a value may change."""
    names = ("alert_type", "category", "resource_expression", "title_template")
    other = {name: getattr(case.mapping, name) for name in names}
    severity = case.mapping.default_severity if case.mapping.severity_map is None else None
    return {
        "when": _conditions(case.conditions),
        "severity": severity,
        **{name: value for name, value in other.items() if value != getattr(mapping, name)},
    }


def _named(mapping: OidMapping, facts: MibFacts) -> OidMapping:
    """Return a mapping with names in place of OIDs, where they mean the same object."""

    def named(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: f"{{{_name(found[1], mapping, facts)}}}", text)

    return replace(
        mapping,
        resource_expression=named(mapping.resource_expression),
        title_template=named(mapping.title_template),
        more_resources=tuple(map(named, mapping.more_resources)),
        cases=tuple(MappingCase(case.conditions, _named(case.mapping, facts)) for case in mapping.cases),
    )


def _name(placeholder: str, mapping: OidMapping, facts: MibFacts) -> str:
    stem, behind = split_name(placeholder)
    fact = facts.object_above(stem) if is_oid(stem) else None
    is_same = fact is not None and fact.oid == stem and oid_of(fact.name, mapping, facts) == stem
    return f"{fact.name}{behind}" if fact is not None and is_same else placeholder
