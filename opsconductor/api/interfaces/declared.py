"""Interface through which the API reads and changes what provisioning files may declare."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.config.provision.edits import Edit
from opsconductor.config.provision.plan import ProvisionPlan
from opsconductor.config.provision.rows import ProvisionTable, Row
from opsconductor.store.access.audit import Author
from opsconductor.store.access.credentials import Credential

PutInForce = Callable[[], Awaitable[tuple[str, Mapping[str, str]]]]
"""Put what is stored into force; return why not, empty if it is, and why connectors do not work, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow:
    """A stored row as callers see it.

    Attributes:
        label: Its readable name: `connector noc-mail`.
        row: As a file declares it, secrets masked.
        declared_in: The file that declares it, or `cli` or `api`; None: created by hand.
        is_read_only: It is changed in its file, or taken over.
        is_found: An inventory has found it, and keeps it up to date.
        taken_over_from: The file that declared it before people took it over; None: none did.
        tag: Its ETag.
    """

    id: str
    label: str
    row: Row
    declared_in: str | None
    is_read_only: bool
    is_found: bool
    taken_over_from: str | None
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a change has done, or would do.

    Attributes:
        rows: What a single edit has made; empty if it was deleted, if it was tried only, and of several.
        is_in_force: The daemon uses it.
        error: Why not, although it is stored; empty: it does.
        failed: Reason by name of connectors that were started by it and do not work.
    """

    plan: ProvisionPlan
    rows: Sequence[DeclaredRow] = ()
    is_in_force: bool = False
    error: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)


class LiveDeclared(Protocol):
    """The declared rows; all raise StoreUnavailable."""

    @property
    def put_in_force(self) -> PutInForce:
        """What to call after a change that was made otherwise."""

    async def list(
        self, table: ProvisionTable, search: str, *, limit: int, offset: int
    ) -> tuple[Sequence[DeclaredRow], int]:
        """Return a page of the rows in which a text occurs, and the number of all of them."""

    async def find(self, table: ProvisionTable, name: str) -> DeclaredRow:
        """Return a row by id or key; raises RowNotFound."""

    async def edit(
        self, table: ProvisionTable, edits: Sequence[Edit], by: Author, *, is_trial: bool
    ) -> Changed:
        """Make changes of one table, all or none, and put them into force.

        Raises RowNotFound, RowConflict, ConfigError, SecretError.
        """

    async def checked_connector(self, value: object) -> Row:
        """Return a connector that is not saved, with the stored secrets where they are masked.

        Raises ConfigError.
        """

    async def secrets(self) -> Sequence[Credential]:
        """Return the entries of the vault by name, without their secrets."""

    async def store_secret(self, name: str, secret: str, by: Author) -> Changed:
        """Store a secret in the vault, and put it into force; raises SecretError."""

    async def delete_secret(self, name: str, by: Author) -> Changed:
        """Delete an entry of the vault; raises RowNotFound."""

    async def apply(
        self,
        document: Mapping[str, object],
        by: Author,
        *,
        prune: bool,
        take_back: bool,
        is_trial: bool,
    ) -> Changed:
        """Apply a provisioning document as `opsconductor apply` does; raises ConfigError, SecretError."""
