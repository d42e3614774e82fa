"""Conversion of `connectors` rows to specifications: secrets resolved, configuration validated."""

import logging
from collections.abc import Callable, Mapping

from pydantic import ValidationError

from opsconductor.app.connectors.built_in import NAMES
from opsconductor.app.connectors.running import ConnectorSpec
from opsconductor.app.connectors.types import installed_types
from opsconductor.config.secrets import OpenVault, resolve
from opsconductor.connector.secret_fields import secrets_in, secrets_of
from opsconductor.connector.supervise import Report
from opsconductor.errors import SecretError
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.masking import known_secrets
from opsconductor.store.configuration import ConnectorRow

log = logging.getLogger(__name__)


class PlanError(Exception):
    """Raised when a connector cannot run as configured; the text holds no secret."""


def make_plans(
    rows: Mapping[str, ConnectorRow], vault: OpenVault, report_of: Callable[[str], Report]
) -> dict[str, ConnectorSpec]:
    """Validate every connector; one that cannot run is reported and left out."""
    plans: dict[str, ConnectorSpec] = {}
    for name, row in rows.items():
        try:
            plans[name] = plan_of(row, vault)
        except PlanError as error:
            log.error("connector cannot run", extra={"connector": name, "error": str(error)})
            report_of(name)(ConnectorStatus.ERROR, str(error))
    return plans


def plan_of(row: ConnectorRow, vault: OpenVault) -> ConnectorSpec:
    """Validate one connector, with the secrets that it refers to; raises PlanError."""
    if row.name in NAMES:
        raise PlanError(f"the name {row.name} is reserved, choose another one")
    installed = installed_types()
    known = installed.known
    connector_type = known.get(row.type)
    if reason := installed.broken.get(row.type):
        raise PlanError(f"the connector type {row.type} is broken: {reason}")
    if connector_type is None:
        raise PlanError(
            f"there is no connector type {row.type}; if its package was installed after the daemon started, "
            f"restart the daemon; known are {', '.join(sorted(known))}"
        )
    try:
        resolved = resolve(row.config, vault)
        known_secrets.note(secrets_of(resolved, connector_type.config))
        config = connector_type.validated(resolved)
    except SecretError as error:
        raise PlanError(str(error)) from None
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise PlanError("; ".join(faults)) from None
    known_secrets.note(secrets_in(config))
    return ConnectorSpec(name=row.name, connector_type=connector_type, config=config)
