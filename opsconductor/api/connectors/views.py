"""Answers about connectors."""

from typing import Any

from pydantic import AwareDatetime, Field

from opsconductor.api.configuration.views import RowView
from opsconductor.api.views import View
from opsconductor.config.provision.declared.tables import DeclaredConnector
from opsconductor.model.enums import ConnectorStatus


class RejectionView(View):
    """Messages of one sender that a connector has rejected or could not decode, for one reason."""

    sender: str = Field(description="Address, or topic.")
    reason: str
    explanation: str = Field(description="The reason in plain words.")
    remedy: str
    count: int
    first_at: AwareDatetime
    last_at: AwareDatetime
    is_repeated: bool = Field(description="It is repeated, and there is an alert about it.")
    first_bytes: str = Field(description="Hexadecimal, secrets masked; empty when it was not read.")


class ConnectorView(View):
    """Status of a connector."""

    name: str
    type: str
    role: str | None = Field(description="`source`, `channel` or `inventory`.")
    enabled: bool
    status: ConnectorStatus
    error_message: str | None
    webhook: str | None = Field(description="Path for posts, if it accepts any.")
    last_poll_at: AwareDatetime | None = Field(description="Start of the latest poll, if it polls.")
    last_success_at: AwareDatetime | None
    alerts_received: int | None = Field(description="In all; null while the database is away.")
    alerts_today: int | None = Field(description="Since midnight UTC.")
    rejected: list[RejectionView] = Field(
        description="What it has recently rejected or could not decode, repeated ones first."
    )
    unmatched_recoveries: int = Field(
        description="Recoveries without an open alert since the start of the daemon."
    )
    traits: dict[str, Any] | None = Field(
        description="What a running channel can do, and its limits; null for others."
    )
    declared: RowView[DeclaredConnector] | None = Field(
        description="Its row; null while the database is away."
    )


class CheckView(View):
    """Result of a connector's check."""

    ok: bool
    message: str
    details: dict[str, Any]
