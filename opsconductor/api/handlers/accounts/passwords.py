"""Passwords: chosen by a one-time link, changed by their user."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, SecretStr

from opsconductor.api.auth.authenticator import refuse_forged
from opsconductor.api.auth.second_factor import CODE_NEEDED
from opsconductor.api.auth.sessions import limits, passwords, proven, signed_in
from opsconductor.api.handlers.accounts.authority import refuse_beyond
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import Parameters
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.http.validation import HIDDEN, refused_for
from opsconductor.api.views import View
from opsconductor.connector.settings.shape import Shape
from opsconductor.model.outside_account import AccountOrigin
from opsconductor.store.access.password_links import LINK_LIFETIME, create_link, name_of_link, use_link
from opsconductor.store.access.passwords import LONGEST_PASSWORD, why_weak
from opsconductor.store.access.users import USERNAME, UserFields, change_user, find_user

SESSION = "/api/v1/session"
LINKS = "/api/v1/password-links"
SMALL_BYTES = 16 * 1024
"""Maximum size of a body with passwords; these endpoints are open to all."""

USER_NAME = Shape(
    USERNAME,
    "a user name such as ada.lovelace: letters, digits, ., _, @ and -, first one of the former, at most 100",
)
URL_SAFE = Shape("^[A-Za-z0-9_-]+$", "base64url without padding: letters, digits, _ and -")
A_NAME = Shape(r"^[^\x00]+$", "text that is not empty, without NUL characters")
CODE = Shape("^[A-Za-z0-9 -]*$", "a code such as 123456 or abcd-efgh: letters, digits, spaces and -")
Username = Annotated[str, USER_NAME]
Password = Annotated[SecretStr, Field(max_length=LONGEST_PASSWORD)]
Encoded = Annotated[str, Field(max_length=12_000), URL_SAFE]
Token = Annotated[str, Field(max_length=100, repr=False), URL_SAFE]


class AuthenticatorAnswer(Parameters):
    """What an authenticator has signed, in base64url; of a registration or of a log-in."""

    clientDataJSON: Encoded  # noqa: N815 - the name of WebAuthn
    attestationObject: Encoded | None = None  # noqa: N815 - the name of WebAuthn
    authenticatorData: Encoded | None = None  # noqa: N815 - the name of WebAuthn
    signature: Encoded | None = None
    userHandle: Encoded | None = None  # noqa: N815 - the name of WebAuthn


class CredentialBody(Parameters):
    """What the browser has made of a passkey, as `PublicKeyCredential.toJSON` returns it."""

    id: Encoded
    rawId: Encoded  # noqa: N815 - the name of WebAuthn
    type: Annotated[str, Field(max_length=20)]
    response: AuthenticatorAnswer

    def document(self) -> dict[str, Any]:
        """Return it as the library reads it."""
        return self.model_dump(exclude_none=True)


class SignInBody(Parameters):
    """Name and password of a user."""

    username: Annotated[str, Field(max_length=100), A_NAME]
    password: Password
    code: Annotated[str, Field(max_length=40), CODE] | None = Field(
        default=None,
        repr=False,
        description="Of the second factor, or a recovery code; asked for by `code_needed`.",
    )
    passkey: CredentialBody | None = Field(
        default=None,
        repr=False,
        description="Answer of a passkey in place of the code; asked for by `passkey_needed`.",
    )


class OwnPasswordBody(Parameters):
    """A new password of the caller."""

    current: Password
    new: Password


class LinkBody(Parameters):
    """A user who is to choose a password."""

    username: Annotated[str, Field(max_length=100), A_NAME]


class TokenBody(Parameters):
    """The token of a link."""

    token: Token


class UseLinkBody(TokenBody):
    """The password of the link's user, or name and password of the first administrator."""

    username: Username | None = None
    password: Password


class LinkView(View):
    """A link, shown once."""

    path: str = Field(description="What follows the address of the page.")
    expires_in_s: int


class LinkOwnerView(View):
    """Whose password a link sets."""

    username: str | None = Field(description="Null: the first administrator, who is to be created.")


async def create_password_link(call: Call) -> web.Response:
    """Create a link by which a user chooses a password; earlier ones end.

    Raises:
        web.HTTPForbidden: The user has permissions that the caller lacks.
    """
    user = await call.parts.database.ask(find_user, call.body.username)
    await refuse_beyond(call, user.roles)
    path = await call.parts.database.ask(create_link, user.username, call.author)
    return answer(LinkView(path=path, expires_in_s=int(LINK_LIFETIME.total_seconds())))


async def look_at_password_link(call: Call) -> web.Response:
    """Respond with whose password a link sets."""
    return answer(LinkOwnerView(username=await call.parts.database.ask(name_of_link, call.body.token)))


async def use_password_link(call: Call) -> web.Response:
    """Set a password, and open a session.

    Raises:
        web.HTTPUnprocessableEntity: The password is weak, or the name of the first administrator is missing.
        web.HTTPUnauthorized: The password is set, but the user has a second factor to log in with.
    """
    refuse_forged(call.request)
    name = await call.parts.database.ask(name_of_link, call.body.token) or call.body.username
    if name is None:
        raise refused_for([{"name": "username", "found": "nothing", "expected": "a name"}])
    hashed = await hashed_password(call, call.body.password, name)
    user = await call.parts.database.ask(use_link, call.body.token, name, hashed, call.request.remote)
    if user.needs_second_factor:
        message = "the password is set; log in with it and your second factor"
        raise refusal(web.HTTPUnauthorized, CODE_NEEDED, message)
    call.request.app[limits].succeeded(call.request.remote or "", user.username)
    return await signed_in(call, user)


async def change_own_password(call: Call) -> web.Response:
    """Change the caller's password; all other sessions end, and this one is replaced.

    Raises:
        web.HTTPConflict: The caller is an API key.
        web.HTTPForbidden: The current password is wrong.
    """
    assert call.principal is not None
    name = call.principal.name
    if call.principal.key_id is not None:
        raise refusal(web.HTTPConflict, "conflict", "an API key has no password: log in as a user")
    if call.principal.origin != AccountOrigin.LOCAL:
        message = f"your password is kept by {call.principal.origin}; change it there"
        raise refusal(web.HTTPConflict, "conflict", message)
    if await proven(call, name, call.body.current) is None:
        raise refusal(web.HTTPForbidden, "wrong_password", "the current password is wrong")
    hashed = await hashed_password(call, call.body.new, name)
    user = await call.parts.database.ask(change_user, name, UserFields(password_hash=hashed), call.author)
    return await signed_in(call, user)


async def hashed_password(call: Call, password: SecretStr, username: str) -> str:
    """Return the hash of a new password.

    Raises:
        web.HTTPUnprocessableEntity: It is weak.
    """
    given = password.get_secret_value()
    if reason := why_weak(given, username):
        raise refused_for([{"name": "password", "found": HIDDEN, "expected": reason}])
    return await call.request.app[passwords].hash(given)
