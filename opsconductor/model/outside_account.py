"""Accounts that are kept elsewhere, as they come at log-in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class AccountOrigin(StrEnum):
    """Where the account of a user is kept."""

    LOCAL = "local"
    LDAP = "ldap"
    OIDC = "oidc"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideAccount:
    """An account of a directory, a provider or a proxy that has just been authenticated there.

    Attributes:
        id: Identity that stays when the account is renamed.
        groups: Names of its groups; a group of a directory also with its DN.
    """

    origin: AccountOrigin
    id: str
    username: str
    display_name: str | None = None
    email: str | None = None
    groups: tuple[str, ...] = ()

    def roles(
        self, group_roles: Mapping[str, Sequence[str]], default_roles: Sequence[str]
    ) -> tuple[str, ...]:
        """Return the roles of the account's groups, and the default ones; case of groups does not matter."""
        groups = {group.casefold() for group in self.groups}
        found = [role for name, roles in group_roles.items() if name.casefold() in groups for role in roles]
        return tuple(dict.fromkeys((*default_roles, *found)))
