"""Log-in with an LDAP directory: search and bind, or bind by a template of the DN.

The library blocks, so it runs in threads of its own; each step has a time limit. Referrals are not followed:
they would send the password to servers that are not configured.
"""

import asyncio
import logging
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from opsconductor.config.sections.sign_in import LdapSettings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError, SignInRefused
from opsconductor.model.outside_account import AccountOrigin, OutsideAccount

log = logging.getLogger(__name__)

MOST_AT_ONCE = 4
"""Log-ins at a time."""
MOST_WAITING = 40
DEEPEST = 5
"""Groups of groups of groups that are looked at."""
MOST_GROUPS = 500
LONGEST_NAME = 100
WRONG_PASSWORD = ("invalidCredentials", "invalidDNSyntax", "noSuchObject")
"""Results of a bind by which the name or the password is wrong (RFC 4511 section 4.1.9)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the directory: attributes by their lower-case names."""

    dn: str
    values: dict[str, list[bytes]]

    def first(self, attribute: str) -> str | None:
        """Return the first value of an attribute as text; binary ones in hexadecimal."""
        for value in self.values.get(attribute.lower(), ()):
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value.hex()
        return None


def _server_of(destinations: Destinations) -> type[Any]:
    """Return a class of servers that connects to permitted addresses only."""

    class PermittedServer(ldap3.Server):  # type: ignore[misc]  # the library has no types
        def candidate_addresses(self) -> list[Any]:
            found: list[Any] = super().candidate_addresses()
            for address in found:
                if reason := destinations.why_refused(str(address[4][0])):
                    raise PermissionError(reason)
            return found

    return PermittedServer


class LdapDirectory:
    """Authenticates names and passwords by a directory."""

    def __init__(self, settings: LdapSettings, destinations: Destinations) -> None:
        self._settings = settings
        self._destinations = destinations
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="ldap")
        self._waiting = 0

    @property
    def settings(self) -> LdapSettings:
        """Return the settings, with the roles of groups."""
        return self._settings

    async def authenticate(self, username: str, password: str) -> OutsideAccount | None:
        """Return the account with this name and password; None: one of them is wrong.

        Raises:
            ProviderError: The directory does not answer, or is set up wrongly.
            SignInRefused: Too many log-ins wait.
        """
        if not password or not 0 < len(username) <= LONGEST_NAME:
            return None  # a bind without a password always succeeds (RFC 4513 section 5.1.2)
        with self._place():
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._authenticate, username, password)

    async def check(self) -> str:
        """Return what the directory answers to the searching account.

        Raises:
            ProviderError: It does not answer, or refuses.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._check)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._waiting >= MOST_WAITING:
            raise SignInRefused("too many log-ins at a time; try again in a moment")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    def _check(self) -> str:
        settings = self._settings
        with self._connected() as connection:
            if settings.user_dn_template and not settings.bind_dn:
                return f"{settings.url} answers"
            self._bind_searcher(connection)
            found = self._search(connection, settings.base_dn, "(objectClass=*)", scope=ldap3.BASE)
            if not found:
                raise ProviderError(f"{settings.base_dn!r} is not there for the searching account: base_dn")
        return f"{settings.url} answers, {settings.base_dn} is there"

    def _authenticate(self, username: str, password: str) -> OutsideAccount | None:
        settings = self._settings
        with self._connected() as connection:
            if settings.user_dn_template:
                dn = settings.user_dn_template.replace("{username}", escape_rdn(username))
                if not self._bind(connection, dn, password):
                    return None
                entries = self._search(connection, dn, "(objectClass=*)", scope=ldap3.BASE)
                return self._account(connection, username, entries[0]) if entries else None
            self._bind_searcher(connection)
            wanted = settings.user_filter.replace("{username}", escape_filter_chars(username))
            entries = self._search(connection, settings.base_dn, wanted)
            if len(entries) != 1:
                if entries:
                    log.warning("accounts.ldap.user_filter finds several entries", extra={"key": username})
                return None
            with self._connected() as proof:
                if not self._bind(proof, entries[0].dn, password):
                    return None
            return self._account(connection, username, entries[0])

    def _account(self, connection: Any, given: str, entry: _Entry) -> OutsideAccount:
        settings = self._settings
        username = (entry.first(settings.username_attribute) or given).lower()
        return OutsideAccount(
            origin=AccountOrigin.LDAP,
            id=entry.first(settings.id_attribute) or entry.dn,
            username=username,
            display_name=entry.first(settings.name_attribute),
            email=entry.first(settings.email_attribute),
            groups=tuple(self._groups(connection, username, entry.dn)),
        )

    def _groups(self, connection: Any, username: str, dn: str) -> Iterator[str]:
        """Yield name and DN of each group of a user and, if wanted, of the groups of its groups."""
        settings, seen, members = self._settings, set[str](), [dn]
        for _ in range(DEEPEST if settings.nested_groups else 1):
            further: list[str] = []
            for member in members if settings.group_filter else ():
                wanted = settings.group_filter.replace("{dn}", escape_filter_chars(member))
                wanted = wanted.replace("{username}", escape_filter_chars(username))
                for group in self._search(connection, settings.base_dn, wanted):
                    if group.dn in seen or len(seen) >= MOST_GROUPS:
                        continue
                    seen.add(group.dn)
                    further.append(group.dn)
                    yield group.dn
                    yield group.first(settings.group_attribute) or group.dn
            # only the user itself is a member by name
            username, members = "", further

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Open a connection, encrypted unless the settings say otherwise.

        Raises:
            ProviderError: The server does not answer, or its certificate is not valid.
        """
        settings, wait_s = self._settings, self._settings.timeout.total_seconds()
        assert settings.url is not None
        tls = ldap3.Tls(
            validate=ssl.CERT_REQUIRED,
            ca_certs_file=None if settings.ca_file is None else str(settings.ca_file),
        )
        server = _server_of(self._destinations)(
            settings.url, get_info=ldap3.NONE, connect_timeout=wait_s, tls=tls
        )
        connection = ldap3.Connection(
            server, receive_timeout=ceil(wait_s), auto_referrals=False, check_names=False, read_only=True
        )
        try:
            connection.open(read_server_info=False)
            if settings.start_tls and not server.ssl and not connection.start_tls(read_server_info=False):
                raise ProviderError(f"{settings.url} refuses StartTLS: use ldaps://, or set start_tls: false")
            yield connection
            connection.unbind()
        except (LDAPException, OSError) as error:
            raise ProviderError(f"{settings.url}: {str(error)[:200]}") from error
        finally:
            if connection.socket is not None:  # the library leaves it open when a step fails
                connection.socket.close()

    def _bind_searcher(self, connection: Any) -> None:
        """Bind as the account that searches, or remain anonymous.

        Raises:
            ProviderError: The directory refuses it.
        """
        settings = self._settings
        if settings.bind_dn is None:
            return
        secret = settings.bind_password
        if not self._bind(connection, settings.bind_dn, secret.get_secret_value() if secret else ""):
            raise ProviderError(f"{settings.url} refuses bind_dn {settings.bind_dn!r} with bind_password")

    def _bind(self, connection: Any, dn: str, password: str) -> bool:
        """Authenticate a connection; return False if name or password is wrong.

        Raises:
            ProviderError: The server cannot say.
        """
        if not connection.rebind(user=dn, password=password, authentication=ldap3.SIMPLE):
            result = connection.result["description"]
            if result not in WRONG_PASSWORD:
                raise ProviderError(f"{self._settings.url} answers {result} to the log-in of {dn}")
            return False
        return True

    def _search(
        self, connection: Any, base: str, wanted: str, *, scope: str = ldap3.SUBTREE
    ) -> Sequence[_Entry]:
        """Return the entries that a filter finds.

        Raises:
            ProviderError: The directory refuses the search.
        """
        settings = self._settings
        keys = [key for key in type(settings).model_fields if key.endswith("_attribute")]
        names = sorted({getattr(settings, key) for key in keys})
        connection.search(base, wanted, search_scope=scope, attributes=names, size_limit=MOST_GROUPS)
        result = connection.result["description"]
        if result not in ("success", "noSuchObject", "sizeLimitExceeded"):
            raise ProviderError(f"{settings.url} answers {result} to the search below {base!r} for {wanted}")
        return [
            _Entry(each["dn"], {name.lower(): values for name, values in each["raw_attributes"].items()})
            for each in connection.response or ()
            if each["type"] == "searchResEntry"
        ]
