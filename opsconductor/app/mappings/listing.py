"""Lists mappings, and makes a derived one the operator's own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.mappings.linting import lint_present
from opsconductor.config.provision.declared.tables import DeclaredMapping
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.errors import CompileError, UnknownNotification
from opsconductor.mib.derive.derived import DerivedMapping
from opsconductor.mib.derived_mappings import mapping_of_derived
from opsconductor.mib.expression import is_name
from opsconductor.mib.listing import ListedMapping, MappingSearch, WantedMappings
from opsconductor.mib.lookup import MibFacts, standard_first
from opsconductor.model.mappings.mapping import Origin
from opsconductor.model.mappings.table import MappingTable
from opsconductor.store.access.audit import Author
from opsconductor.store.declared.own_mappings import add_own_mapping
from opsconductor.store.declared.provisioning import read_table
from opsconductor.store.postgres.connection import Pool

Document = dict[str, Any]


def derived_at(facts: MibFacts, wanted: str) -> DerivedMapping:
    """Return what is derived from a notification.

    Args:
        wanted: Its OID or name, or `MODULE::name`.

    Raises:
        UnknownNotification: Nothing is.
        CompileError: Several modules have the name.
    """
    module, _, name = wanted.rpartition("::")
    known = facts.notifications_named(name)
    named = [each for each in known if each.module == module] if module else [*standard_first(known)]
    oids = [each.oid for each in named] if named else [wanted.strip(".")]
    if len(oids) > 1:
        choices = ", ".join(f"{each.module}::{each.name}" for each in named)
        raise CompileError(f"{wanted} is in several modules: {choices}")
    found = facts.mapping(oids[0])
    if found is None:
        raise UnknownNotification(
            f"nothing is derived from {wanted}: import its MIB (opsconductor mib import), or search its name"
            " (opsconductor mappings list TEXT)"
        )
    return found


def document_of(derived: DerivedMapping, facts: MibFacts) -> Document:
    """Return a derived mapping as a file declares it, with the names of objects.

    Raises:
        CompileError: It cannot be declared; the message says why.
    """
    mapping = mapping_of_derived(derived, facts, spelled=lambda name, oid: name if is_name(name) else oid)
    by_value, expires = mapping.severity_map, mapping.expires_after
    document = {
        "oid_pattern": mapping.oid_pattern,
        "alert_type": mapping.alert_type,
        "category": mapping.category.value,
        "default_severity": mapping.default_severity.value,
        "title_template": mapping.title_template,
        "is_clear_event": mapping.is_clear_event,
        "mib_name": mapping.mib_name,
        "mib_object": mapping.mib_object,
        "resource_expression": mapping.resource_expression,
        "severity_map": by_value and {"varbind": by_value.varbind, "values": dict(by_value.values)},
        "is_cutting": mapping.is_cutting,
        "expires_after_s": None if expires is None else int(expires.total_seconds()),
        "notes": f"derived with confidence {derived.confidence:.2f}, confirmed by a person",
    }
    try:
        checked = DeclaredMapping.model_validate(document)
    except ValidationError as error:
        reasons = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise CompileError(
            f"what is derived from {derived.notification.name} cannot be declared as it is ({reasons}):"
            " write a row of oid_mappings by hand, see docs/mappings.md"
        ) from None
    return checked.model_dump(mode="json", exclude_defaults=True)


async def confirm_mapping(pool: Pool, facts: MibFacts, wanted: str, by: Author) -> Document:
    """Make what is derived from a notification a row of the operator, and return it.

    Raises:
        CompileError: Nothing is derived from it, or it cannot be declared.
        StoreRejected: The operator has a row for this trap already.
        StoreUnavailable: PostgreSQL is away.
    """
    document = document_of(derived_at(facts, wanted), facts)
    whole = DeclaredMapping.model_validate(document).model_dump(mode="json")
    await add_own_mapping(pool, whole, by)
    return document


class MappingLibrary:
    """The mappings in force, as the API shows and confirms them.

    What is searched is made at the first search, and anew when mappings or facts have changed.
    """

    def __init__(self, *, pool: Pool, configuration: Callable[[], Configuration]) -> None:
        self.pool = pool
        self.configuration = configuration
        self._making = asyncio.Lock()
        self._made: tuple[MappingTable, MibFacts, MappingSearch] | None = None

    async def list(self, wanted: WantedMappings) -> tuple[Sequence[ListedMapping], int]:
        """Return the wanted mappings, and how many there are in all."""
        search = await self._search()
        return await asyncio.to_thread(search.find, wanted)

    async def _search(self) -> MappingSearch:
        async with self._making:
            present, made = self.configuration(), self._made
            if made is None or made[0] is not present.mappings or made[1] is not present.facts:
                search = await asyncio.to_thread(MappingSearch, present.mappings.mappings, present.facts)
                made = self._made = (present.mappings, present.facts, search)
            return made[2]

    async def lint(self) -> Sequence[Mapping[str, object]]:
        """Return what the mappings of the database cannot do, JSON-ready."""
        present = self.configuration()
        rows = await read_table(self.pool, ProvisionTable.OID_MAPPINGS)

        def examine() -> Sequence[Mapping[str, object]]:
            packs = [each for each in present.mappings.mappings if each.origin is Origin.PACK]
            return [each.document() for each in lint_present(rows, present.facts, packs)]

        return await asyncio.to_thread(examine)

    async def confirm(self, wanted: str, by: Author) -> Document:
        """Make a derived mapping the operator's own; raises as `confirm_mapping`."""
        return await confirm_mapping(self.pool, self.configuration().facts, wanted, by)
