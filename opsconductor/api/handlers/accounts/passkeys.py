"""Passkeys of users: made, listed and removed in the account dialog; log-in with one."""

import asyncio
import time
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from opsconductor.api.auth.authenticator import refuse_forged, too_many
from opsconductor.api.auth.passkeys import (
    REGISTER,
    SIGN_IN,
    RelyingParty,
    challenge_in,
    made_passkey,
    registration_options,
    sign_in_options,
)
from opsconductor.api.auth.second_factor import challenges, user_of_passkey
from opsconductor.api.auth.sessions import limits, signed_in
from opsconductor.api.handlers.accounts.own_account import own_account, proven_account, refuse_last_factor
from opsconductor.api.handlers.accounts.passwords import SESSION, SMALL_BYTES, CredentialBody, Password
from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import SessionView, View
from opsconductor.connector.settings.shape import Shape
from opsconductor.errors import SignInRefused, UnknownAccount
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.passkeys import add_passkey, list_passkeys, remove_passkey, rename_passkey
from opsconductor.store.access.permissions import SIGNED_IN

PASSKEYS = "/api/v1/me/passkeys"


A_LINE = Shape(r"^[^\x00-\x1f]+$", "one line of text, such as laptop")


class PasskeyPasswordBody(Parameters):
    """The password, to change passkeys."""

    password: Password


PasskeyName = Annotated[str, Field(min_length=1, max_length=100), A_LINE]


class PasskeyNameBody(Parameters):
    """Another name for a passkey."""

    name: PasskeyName


class NewPasskeyBody(Parameters):
    """A passkey that the browser has made."""

    name: PasskeyName
    credential: CredentialBody


class PasskeyLogInBody(Parameters):
    """The answer of a passkey."""

    credential: CredentialBody


class PasskeyOptionsView(View):
    """What the browser is to be asked for."""

    options: dict[str, Any] = Field(
        description="`publicKey` of `navigator.credentials.create` or `get`; binary values in base64url."
    )


class PasskeyView(View):
    """A passkey."""

    id: UUID
    name: str
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None


async def list_own_passkeys(call: Call) -> web.Response:
    """Respond with the passkeys of the caller."""
    user = await own_account(call, "passkeys")
    found = await call.parts.database.ask(list_passkeys, user.id)
    return answer([PasskeyView.model_validate(each) for each in found])


async def begin_own_passkey(call: Call) -> web.Response:
    """Respond with what the browser needs to make a passkey.

    Raises:
        web.HTTPForbidden: The password is wrong.
        web.HTTPConflict: The caller is an API key, or there are no passkeys here.
    """
    party, user = _party(call), await proven_account(call, "passkeys")
    known = await call.parts.database.ask(list_passkeys, user.id)
    challenge = call.request.app[challenges].new(REGISTER, user.id, time.time())
    options = registration_options(party, user, challenge, [each.credential_id for each in known])
    return answer(PasskeyOptionsView(options=options))


async def add_own_passkey(call: Call) -> web.Response:
    """Store a passkey that the browser has made; the password alone no longer logs in.

    Raises:
        SignInRefused: It is not an answer to what the caller was asked, or not from this page.
        AccountConflict: It is known already, or the caller has too many.
    """
    party, user, body = _party(call), await own_account(call, "passkeys"), call.body
    credential = body.credential.document()
    challenge, now_s = challenge_in(credential), time.time()
    call.request.app[challenges].check(challenge, REGISTER, user.id, now_s)
    made = made_passkey(party, credential, challenge)
    call.request.app[challenges].use(challenge, REGISTER, user.id, now_s)
    added = await call.parts.database.ask(add_passkey, user, body.name, made, call.author)
    return answer(PasskeyView.model_validate(added))


async def remove_own_passkey(call: Call) -> web.Response:
    """Remove a passkey of the caller.

    Raises:
        web.HTTPForbidden: The password is wrong.
        web.HTTPConflict: It is the last second factor, which a role requires.
        UnknownAccount: The caller has no such passkey.
    """
    user = await proven_account(call, "passkeys")
    refuse_last_factor(user, user.has_second_factor + user.passkeys - 1)
    await call.parts.database.ask(remove_passkey, user, _id_of(call.request.match_info["id"]), call.author)
    return answer(None)


async def rename_own_passkey(call: Call) -> web.Response:
    """Rename a passkey of the caller.

    Raises:
        UnknownAccount: The caller has no such passkey.
    """
    user, passkey_id = await own_account(call, "passkeys"), _id_of(call.request.match_info["id"])
    named = await call.parts.database.ask(rename_passkey, user, passkey_id, call.body.name, call.author)
    return answer(PasskeyView.model_validate(named))


async def begin_log_in(call: Call) -> web.Response:
    """Respond with what the browser needs to let a passkey answer; nothing is stored for it."""
    refuse_forged(call.request)
    challenge = call.request.app[challenges].new(SIGN_IN, None, time.time())
    return answer(PasskeyOptionsView(options=sign_in_options(_party(call), challenge)))


async def log_in_by_passkey(call: Call) -> web.Response:
    """Exchange the answer of a passkey for a session cookie.

    Raises:
        SignInRefused: The passkey is unknown or not valid, or its user is kept by a directory.
        web.HTTPTooManyRequests: This address was wrong too often.
    """
    refuse_forged(call.request)
    _party(call)
    app, address = call.request.app, call.request.remote or ""
    now_s = asyncio.get_running_loop().time()
    if wait_s := app[limits].wait(address, "", now_s):
        raise too_many(wait_s)
    try:
        user = await user_of_passkey(call, call.body.credential.document())
    except SignInRefused:
        app[limits].failed(address, "", now_s)
        await call.gate.note_failure(call.request, "", now_s)
        raise
    if user.origin != AccountOrigin.LOCAL:
        raise SignInRefused(f"{user.username} is kept by {user.origin}: log in with the password as well")
    return await signed_in(call, user, way="passkey")


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownAccount("there is no such passkey") from None


def _party(call: Call) -> RelyingParty:
    party = call.parts.accounts.relying_party
    if party is None:
        message = "there are no passkeys here: public_url must be https:// with a name, or http://localhost"
        raise refusal(web.HTTPConflict, "no_passkeys", message)
    return party


PASSKEY_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=PASSKEYS,
        handler=list_own_passkeys,
        summary="List your passkeys",
        permission=SIGNED_IN,
        answers=list[PasskeyView],
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{PASSKEYS}/options",
        handler=begin_own_passkey,
        summary="Begin to make a passkey",
        permission=SIGNED_IN,
        body=PasskeyPasswordBody,
        answers=PasskeyOptionsView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=PASSKEYS,
        handler=add_own_passkey,
        summary="Store a passkey that the browser has made",
        permission=SIGNED_IN,
        body=NewPasskeyBody,
        answers=PasskeyView,
        refuses=(409,),
        tag="session",
    ),
    Endpoint(
        method="PATCH",
        path=f"{PASSKEYS}/{{id}}",
        handler=rename_own_passkey,
        summary="Give one of your passkeys another name",
        permission=SIGNED_IN,
        body=PasskeyNameBody,
        answers=PasskeyView,
        refuses=(404, 409),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{PASSKEYS}/{{id}}/remove",
        handler=remove_own_passkey,
        summary="Remove one of your passkeys",
        permission=SIGNED_IN,
        body=PasskeyPasswordBody,
        refuses=(404, 409),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{SESSION}/passkey/options",
        handler=begin_log_in,
        summary="Begin to log in with a passkey",
        permission=None,
        answers=PasskeyOptionsView,
        refuses=(403, 409),
        tag="session",
    ),
    Endpoint(
        method="POST",
        path=f"{SESSION}/passkey",
        handler=log_in_by_passkey,
        summary="Log in with a passkey alone: opens a session",
        permission=None,
        body=PasskeyLogInBody,
        body_bytes=SMALL_BYTES,
        answers=SessionView,
        refuses=(403, 409),
        tag="session",
    ),
)
