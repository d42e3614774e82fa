"""The vault: names are listed, secrets are stored and never shown."""

from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, Field, SecretStr

from opsconductor.api.configuration.documents import faults_answered
from opsconductor.api.configuration.rows import name_in_path
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer
from opsconductor.api.http.validation import refused_for
from opsconductor.api.interfaces.declared import Changed
from opsconductor.api.views import View
from opsconductor.config.vault import NAME

CREDENTIALS = "/api/v1/credentials"
LONGEST_SECRET = 65_536


class SecretBody(Parameters):
    """A secret to store."""

    secret: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_SECRET)]


class CredentialView(View):
    """An entry of the vault; its secret is never shown."""

    name: str = Field(description="Connectors refer to it as `vault:NAME`.")
    created_by: str | None = Field(description="Who stored the secret last.")
    created_at: AwareDatetime
    updated_at: AwareDatetime


class SecretChangeView(View):
    """What a change of the vault has done to connectors that refer to it."""

    is_in_force: bool = Field(description="It is in force.")
    error: str = Field(description="Why it is stored but not in force; empty: it is in force.")
    failed: dict[str, str] = Field(
        description="Connectors that it has started and that do not work, and why."
    )


async def list_secrets(call: Call) -> web.Response:
    """Respond with the names in the vault."""
    return answer([CredentialView.model_validate(each) for each in await call.parts.declared.secrets()])


async def store_secret(call: Call) -> web.Response:
    """Store a secret under a name, replacing an existing one.

    Raises:
        web.HTTPUnprocessableEntity: No reference can have such a name.
        web.HTTPConflict: The vault has another key.
    """
    name, body = name_in_path(call), call.body
    if not NAME.fullmatch(name):
        expected = "a name such as smtp-password: letters, digits and ._/-, first no ._/-, at most 100"
        raise refused_for([{"name": "name", "found": name[:100], "expected": expected}])
    with faults_answered(is_single=True):
        changed = await call.parts.declared.store_secret(name, body.secret.get_secret_value(), call.author)
    return answer(_view(changed))


async def delete_secret(call: Call) -> web.Response:
    """Delete an entry of the vault.

    Raises:
        web.HTTPNotFound: There is none.
    """
    with faults_answered(is_single=True):
        changed = await call.parts.declared.delete_secret(name_in_path(call), call.author)
    return answer(_view(changed))


def _view(changed: Changed) -> SecretChangeView:
    return SecretChangeView(is_in_force=changed.is_in_force, error=changed.error, failed=dict(changed.failed))


CREDENTIAL_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=CREDENTIALS,
        handler=list_secrets,
        summary="List the names in the vault; never the secrets",
        permission="config:read",
        answers=list[CredentialView],
        tag="configuration",
    ),
    Endpoint(
        method="PUT",
        path=f"{CREDENTIALS}/{{name}}",
        handler=store_secret,
        summary="Store a secret in the vault",
        permission="config:write",
        body=SecretBody,
        answers=SecretChangeView,
        records="",
        refuses=(409,),
        tag="configuration",
    ),
    Endpoint(
        method="DELETE",
        path=f"{CREDENTIALS}/{{name}}",
        handler=delete_secret,
        summary="Delete a secret from the vault",
        permission="config:write",
        answers=SecretChangeView,
        records="",
        refuses=(409,),
        tag="configuration",
    ),
)
