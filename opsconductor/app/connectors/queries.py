"""Queries of the API about connectors: receivers of posts, status, checks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.app.checks import CHECK_WITHIN_S, check_row, check_within, tried_within
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.connectors.catalogue import known_type, known_types
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.contexts import idle_context_of
from opsconductor.config.vault import find_key
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import ChannelType
from opsconductor.connector.context import Count
from opsconductor.connector.interface import CheckResult, Emit
from opsconductor.connector.known_type import KnownType
from opsconductor.connector.post import PromptReceiver, Receiver, Validator
from opsconductor.connector.rejection import Reject
from opsconductor.errors import SecretError, StoreUnavailable
from opsconductor.model.enums import ConnectorStatus, NotificationKind
from opsconductor.model.event import RawEvent
from opsconductor.notify.preview import MessagePreview, preview_of
from opsconductor.notify.render import Renderer
from opsconductor.notify.trial import send_test
from opsconductor.store.access.credentials import open_vault
from opsconductor.store.configuration import ConnectorRow, load_connector_rows, load_connectors
from opsconductor.store.postgres.request_pool import RequestDatabase

TEST_WITHIN_S = 60.0
NO_ROW = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorQueries:
    """Answers for running connectors, and from the rows of those that do not run."""

    connectors: RunningConnectors
    status: StatusKeeper
    live: Runtime
    database: RequestDatabase
    emit_at_once: Callable[[Sequence[RawEvent]], bool]

    @property
    def emit(self) -> Emit:
        """The queue for incoming events."""
        return self.connectors.emit

    def now(self) -> datetime:
        """Return the current time for stamping incoming events."""
        return self.live.clock.now()

    def receiver(self, name: str) -> Receiver | None:
        """Return the connector of this name that accepts posts, or None."""
        return self.connectors.registry.receiver(name)

    def prompt_receiver(self, name: str) -> PromptReceiver | None:
        """Return the connector of this name that takes most posts at once, or None."""
        return self.connectors.registry.prompt_receiver(name)

    def validator(self, name: str) -> Validator | None:
        """Return the connector of this name that answers validation requests, or None."""
        return self.connectors.registry.validator(name)

    def count(self, name: str) -> Count:
        """Return the loss ledger of a connector."""
        return self.live.ledger.counter_of(name)

    def rejected(self, name: str) -> Reject:
        """Return the function that records rejected posts to a connector."""
        return self.live.rejections.of(name)

    async def states(self) -> Sequence[ConnectorState]:
        """Return the status of every connector; while the database is away, without the data of its rows."""
        try:
            await self.database.ask(self.status.save_all)
            rows = await self.database.ask(load_connector_rows)
        except StoreUnavailable:
            return self._remembered()
        types, now = installed_types().known, self.status.now()
        states = []
        for row in rows:
            connector_type = types.get(row["type"])
            state = ConnectorState(
                **row,
                role=None if connector_type is None else str(connector_type.role),
                takes_posts=self.receiver(row["name"]) is not None,
                rejected=self.live.rejections.latest(row["name"]),
                unmatched_recoveries=self.live.ledger.total(row["name"], "unmatched"),
                traits=self.connectors.registry.traits.get(row["name"]),
            )
            if row["enabled"] and row["name"] in now:
                status, error = now[row["name"]]
                state = replace(state, status=status, error_message=error)
            elif not row["enabled"]:  # the row may date from an earlier run of the daemon
                state = replace(state, status=ConnectorStatus.DISCONNECTED, error_message=None)
            states.append(state)
        return states

    def types(self) -> Sequence[KnownType]:
        """Return the installed types by name, without schema and sample."""
        return known_types()

    def type_of(self, name: str) -> KnownType | None:
        """Return a type, or None; blocks while it is imported for the first time."""
        return known_type(name)

    async def check_declared(self, row: Mapping[str, Any]) -> CheckResult:
        """Return the result of the check of a connector that is not saved: it is built for it, and closed."""
        return await self._check_row(ConnectorRow(id=NO_ROW, **row))

    async def check(self, name: str) -> CheckResult | None:
        """Return the result of a connector's check, or None if there is none of this name.

        One that does not run (disabled, in error) is built for the check from its row.

        Raises:
            StoreUnavailable: It does not run, and the database is away.
        """
        found = self.connectors.registry.built.get(name)
        if found is not None:
            return await check_within(CHECK_WITHIN_S, found.part)
        rows = await self.database.ask(load_connectors)
        row = next((row for row in rows if row.name == name), None)
        return None if row is None else await self._check_row(row)

    async def _check_row(self, row: ConnectorRow) -> CheckResult:
        try:
            settings = self.live.settings
            key = await asyncio.to_thread(find_key, settings.secrets, settings.data_dir)
            vault = await open_vault(self.live.pool, key)
        except SecretError as error:
            return CheckResult(ok=False, message=str(error))
        return await check_row(row, vault.open, idle_context_of(self.live, row.name))

    async def send_test(self, name: str, recipient: str, by: str) -> CheckResult | None:
        """Send a marked test message through a running channel, or return None if there is none."""
        registry = self.connectors.registry
        channel = registry.channels.get(name)
        if channel is None:
            return None
        channel_type = self.connectors.types()[name]
        assert isinstance(channel_type, ChannelType)
        if recipient and (refusal := channel_type.refusal_of(recipient)):
            return CheckResult(ok=False, message=refusal)
        sending = partial(
            send_test,
            channel,
            name,
            recipient,
            traits=registry.traits.get(name, ChannelTraits()),
            renderer=self._renderer(),
            by=by,
        )
        return await tried_within(TEST_WITHIN_S, sending)

    def preview(
        self, name: str, kind: NotificationKind, facts: Mapping[str, object] | None
    ) -> MessagePreview | None:
        """Return what a running channel would send, or None if there is none."""
        registry = self.connectors.registry
        if name not in registry.channels:
            return None
        return preview_of(registry.previewer(name), name, kind, renderer=self._renderer(), facts=facts)

    def _renderer(self) -> Renderer:
        url = self.live.settings.public_url
        return Renderer(None, public_url=str(url) if url else "")

    def _remembered(self) -> list[ConnectorState]:
        now = self.status.now()
        return [
            ConnectorState(
                name=name,
                type=connector_type.name,
                role=str(connector_type.role),
                enabled=True,
                status=now[name][0],
                error_message=now[name][1],
                takes_posts=self.receiver(name) is not None,
                rejected=self.live.rejections.latest(name),
                last_poll_at=None,
                last_success_at=None,
                alerts_received=None,
                alerts_today=None,
                unmatched_recoveries=self.live.ledger.total(name, "unmatched"),
                traits=self.connectors.registry.traits.get(name),
            )
            for name, connector_type in sorted(self.connectors.types().items())
            if name in now
        ]
