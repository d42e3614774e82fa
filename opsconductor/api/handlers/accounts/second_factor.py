"""The second factor of users: set up, confirm, remove."""

from datetime import UTC, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from opsconductor.api.auth import totp
from opsconductor.api.auth.second_factor import opened_secret, sealed_secret
from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.handlers.accounts.own_account import own_account, proven_account, refuse_last_factor
from opsconductor.api.handlers.accounts.passwords import Password
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.store.access.permissions import SIGNED_IN
from opsconductor.store.access.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    reset_second_factors,
)
from opsconductor.store.access.users import find_user

FACTOR = "/api/v1/me/second-factor"

CODE = Shape("^[A-Za-z0-9 -]+$", "a code such as 123456 or abcd-efgh: letters, digits, spaces and -")
Code = Annotated[str, Field(max_length=40, repr=False), CODE]


class FactorBody(Parameters):
    """The password, to change the second factor."""

    password: Password


class CodeBody(Parameters):
    """A code of the authenticator app."""

    code: Code


class FactorView(View):
    """Whether there is a second factor."""

    is_on: bool = Field(description="An authenticator app is set up; passkeys are listed by themselves.")


class SecretView(View):
    """What an authenticator app needs; shown once."""

    secret: str
    uri: str = Field(description="The same as an address that apps import.")


class RecoveryView(View):
    """Codes that replace the app, each once; shown once."""

    recovery_codes: tuple[str, ...]


async def read_own_second_factor(call: Call) -> web.Response:
    """Respond with whether the caller has an authenticator app.

    Raises:
        web.HTTPConflict: The caller is an API key.
    """
    user = await own_account(call, "second factor")
    return answer(FactorView(is_on=user.has_second_factor))


async def begin_own_second_factor(call: Call) -> web.Response:
    """Make a secret; it counts once a code of it is confirmed.

    Raises:
        web.HTTPForbidden: The password is wrong.
        web.HTTPConflict: The caller is an API key, or has a second factor.
    """
    user = await proven_account(call, "second factor")
    if user.has_second_factor:
        raise refusal(web.HTTPConflict, "conflict", "there is a second factor already; remove it first")
    secret = totp.new_secret()
    await call.parts.database.ask(begin_second_factor, user.id, sealed_secret(call, user.id, secret))
    return answer(SecretView(secret=totp.text_of(secret), uri=totp.uri_of(secret, user.username)))


async def confirm_own_second_factor(call: Call) -> web.Response:
    """Ask for a code from now on, and respond with recovery codes.

    Raises:
        web.HTTPConflict: The caller is an API key, there is no secret to confirm, or it is confirmed already.
        web.HTTPForbidden: The code is wrong.
    """
    user = await own_account(call, "second factor")
    secret = await opened_secret(call, user.id)
    if secret is None or user.has_second_factor:
        raise refusal(web.HTTPConflict, "conflict", "there is no second factor to confirm; begin again")
    step = totp.matching_step(secret, totp.normalized(call.body.code), datetime.now(UTC).timestamp())
    if step is None:
        raise refusal(web.HTTPForbidden, "wrong_code", "this code is wrong; is the clock of the phone right?")
    codes = totp.new_recovery_codes()
    await call.parts.database.ask(confirm_second_factor, user, step, codes, call.author)
    return answer(RecoveryView(recovery_codes=codes))


async def remove_own_second_factor(call: Call) -> web.Response:
    """Log in with the password alone from now on.

    Raises:
        web.HTTPForbidden: The password is wrong.
        web.HTTPConflict: The caller is an API key, or a role requires the second factor.
    """
    user = await proven_account(call, "second factor")
    refuse_last_factor(user, user.passkeys)
    await call.parts.database.ask(remove_second_factor, user, call.author)
    return answer(None)


async def reset_second_factor(call: Call) -> web.Response:
    """Remove authenticator app and passkeys of a user who has lost them."""
    user = await call.parts.database.ask(find_user, call.request.match_info["name"])
    await refuse_beyond(call, user.roles)
    await call.parts.database.ask(reset_second_factors, user, call.author)
    return answer(None)


FACTOR_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=FACTOR,
        handler=read_own_second_factor,
        summary="Read whether you have an authenticator app",
        permission=SIGNED_IN,
        answers=FactorView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=FACTOR,
        handler=begin_own_second_factor,
        summary="Make a secret for an authenticator app",
        permission=SIGNED_IN,
        body=FactorBody,
        answers=SecretView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{FACTOR}/confirm",
        handler=confirm_own_second_factor,
        summary="Confirm it by a code; answered with recovery codes",
        permission=SIGNED_IN,
        body=CodeBody,
        answers=RecoveryView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{FACTOR}/remove",
        handler=remove_own_second_factor,
        summary="Remove your second factor",
        permission=SIGNED_IN,
        body=FactorBody,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/users/{name}/second-factor",
        handler=reset_second_factor,
        summary="Remove authenticator app and passkeys of a user who has lost them",
        permission="users:write",
        tag="accounts",
    ),
)
