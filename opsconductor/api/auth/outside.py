"""Log-in with accounts that are kept elsewhere."""

import asyncio
import logging

from aiohttp import web

from opsconductor.api.http.clients import clients
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.config.sections.sign_in import ProxySettings, SignInSettings
from opsconductor.errors import ProviderError, SignInRefused
from opsconductor.model.outside_account import AccountOrigin, OutsideAccount
from opsconductor.store.access.audit import Author
from opsconductor.store.access.keys import Principal
from opsconductor.store.access.outside import admit_account
from opsconductor.store.access.users import User

log = logging.getLogger(__name__)

LONGEST_HEADER = 4_096


async def admitted(call: Call, account: OutsideAccount, grants: SignInSettings) -> User:
    """Return the user of an authenticated account, with its present roles.

    Raises:
        SignInRefused: The account may not log in; the message says why.
    """
    roles = account.roles(grants.group_roles, grants.default_roles)
    by = Author(name=account.username, address=call.request.remote)
    try:
        return await call.parts.database.ask(admit_account, account, roles, by)
    except SignInRefused:
        await call.gate.note_failure(call.request, account.username, asyncio.get_running_loop().time())
        raise


def unavailable(origin: AccountOrigin, error: ProviderError) -> web.HTTPException:
    """Log why a directory or a provider cannot be used, and return the answer, which does not say it."""
    log.error("a log-in is not possible", extra={"origin": str(origin), "error": str(error)})
    message = (
        f"the log-in with {origin.upper()} does not work now; try again in a moment. Administrators find the "
        "reason in the daemon's log and by: opsconductor doctor"
    )
    return refusal(web.HTTPServiceUnavailable, "provider", message, headers={"Retry-After": "10"})


async def directory_user(call: Call, name: str, password: str) -> User | None:
    """Return the user with this name and password in the directory; None: there is none, or no directory.

    Raises:
        SignInRefused: The account may not log in.
        web.HTTPServiceUnavailable: The directory cannot be used.
    """
    directory = call.parts.accounts.ldap
    if directory is None:
        return None
    try:
        account = await directory.authenticate(name, password)
    except ProviderError as error:
        raise unavailable(AccountOrigin.LDAP, error) from error
    return None if account is None else await admitted(call, account, directory.settings)


def proxy_account(request: web.Request, settings: ProxySettings) -> OutsideAccount | None:
    """Return the account that a trusted proxy has authenticated; None: it names none.

    Raises:
        SignInRefused: The header has several values.
    """
    name = request.app[clients].proxy_user(request)
    if name is None:
        return None
    if not name or len(name) > LONGEST_HEADER:
        header = settings.user_header
        raise SignInRefused(f"the header {header} names no single user; correct the reverse proxy")
    groups = _values(request, settings.groups_header)
    return OutsideAccount(
        origin=AccountOrigin.PROXY,
        id=name.lower(),
        username=name,
        display_name=next(iter(_values(request, settings.name_header, separator=None)), None),
        email=next(iter(_values(request, settings.email_header, separator=None)), None),
        groups=groups,
    )


def _values(request: web.Request, header: str | None, separator: str | None = ",") -> tuple[str, ...]:
    """Return what a header says; nothing from one that is too long."""
    if header is None:
        return ()
    found = [line[:LONGEST_HEADER] for line in request.headers.getall(header, ())]
    parts = found if separator is None else [part for line in found for part in line.split(separator)]
    return tuple(text for part in parts if (text := part.strip()))


async def logout_address(call: Call, principal: Principal) -> str | None:
    """Return where the browser logs out at the provider, too; None: nowhere."""
    provider = call.parts.accounts.oidc
    if provider is None or principal.origin != AccountOrigin.OIDC:
        return None
    try:
        return await provider.logout_address()
    except ProviderError as error:
        log.warning("the log-out at the provider is not possible", extra={"error": str(error)})
        return None
