"""Accounts over the API of a daemon."""

from collections.abc import Sequence
from urllib.parse import quote

import click

from opsconductor.cli.terminal.api_client import ApiClient, Json
from opsconductor.cli.terminal.reach import LOCAL_ONLY


class RemoteAccounts:
    """Accounts by the API, with the rights of the key; the audit log names the key."""

    def __init__(self, client: ApiClient, page: str) -> None:
        self._client = client
        self._page = page

    async def users(self) -> Sequence[Json]:
        """Return all users by name."""
        return await self._listed("/users")

    async def user(self, name: str) -> Json:
        """Return a user."""
        return await self._sent("GET", _path("users", name))

    async def add_user(self, name: str, given: Json) -> Json:
        """Create a user of what the body of `POST /users` may hold."""
        return await self._sent("POST", "/users", {"username": name, **given})

    async def change_user(self, name: str, given: Json) -> Json:
        """Change of a user what is given, as in the body of `PATCH /users/NAME`."""
        return await self._sent("PATCH", _path("users", name), given)

    async def password_link(self, name: str) -> str:
        """Create a link by which a user chooses a password."""
        made = await self._sent("POST", "/password-links", {"username": name})
        return f"{self._page}{made['path']}"

    async def setup_link(self) -> str:
        """Raise click.ClickException: there is no key before the first administrator."""
        raise click.ClickException(LOCAL_ONLY)

    async def hand_over(self, name: str, origin: str) -> Json:
        """Raise click.ClickException: the API does not change where an account is kept."""
        del name, origin
        raise click.ClickException(LOCAL_ONLY)

    async def reset_second_factor(self, name: str) -> None:
        """Remove authenticator app and passkeys of a user."""
        await self._client.delete(_path("users", name, "second-factor"))

    async def sessions(self) -> Sequence[Json]:
        """Return the open sessions of all users and keys, the latest used first."""
        return await self._listed("/sessions")

    async def sign_out(self, name: str) -> int:
        """End all sessions of a user; return their number."""
        return int((await self._sent("DELETE", _path("users", name, "sessions")))["sessions"])

    async def roles(self) -> Sequence[Json]:
        """Return all roles by name."""
        return await self._listed("/roles")

    async def require_second_factor(self, role: str, *, is_required: bool) -> Json:
        """Set whether the users of a role need a second factor."""
        return await self._sent("PUT", _path("roles", role, "second-factor"), {"required": is_required})

    async def keys(self) -> Sequence[Json]:
        """Return all API keys, without the keys themselves."""
        return await self._listed("/api-keys")

    async def add_key(self, given: Json) -> str:
        """Create an API key of what the body of `POST /api-keys` holds."""
        return str((await self._sent("POST", "/api-keys", given))["key"])

    async def revoke_key(self, name: str) -> None:
        """Revoke an API key and its sessions."""
        await self._client.delete(_path("api-keys", name))

    async def _listed(self, path: str) -> Sequence[Json]:
        rows: Sequence[Json] = (await self._client.get(path))["data"]
        return rows

    async def _sent(self, method: str, path: str, body: Json | None = None) -> Json:
        found: Json = (await self._client.send(method, path, body))["data"]
        return found


def _path(*parts: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in parts)
