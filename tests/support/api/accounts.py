"""Steps of account tests: create users, log in, act with the cookie."""

from functools import cache
from typing import Any

from opsconductor.store.access.audit import Author
from opsconductor.store.access.passwords import hash_password
from opsconductor.store.access.users import User, UserFields, create_user
from tests.support.api.api_stage import Caller, Reply, Stage

JSON = {"Content-Type": "application/json"}
PASSWORD = "correct horse battery"
BY = Author(name="test")


@cache
def hashed() -> str:
    """Hash `PASSWORD`, once for all tests, and not while tests are collected."""
    return hash_password(PASSWORD)


async def user_of(stage: Stage, name: str, *roles: str) -> User:
    """Create a user whose password is `PASSWORD`."""
    return await create_user(stage.pool, name, UserFields(roles=roles, password_hash=hashed()), BY)


async def sign_in(stranger: Caller, name: str, password: str = PASSWORD) -> Reply:
    """Send name and password."""
    return await stranger.post("/session/password", {"username": name, "password": password})


def cookies(reply: Reply) -> dict[str, str]:
    """Return the headers of a browser that got this answer."""
    return {**JSON, "Cookie": reply.headers["Set-Cookie"].split(";")[0]}


def rows(reply: Reply) -> list[dict[str, Any]]:
    """Return the objects of a list that was answered."""
    assert isinstance(reply.data, list)
    return reply.data


async def browser_of(stranger: Caller, name: str, password: str = PASSWORD) -> dict[str, str]:
    """Log in and return the headers of the browser."""
    return cookies(await sign_in(stranger, name, password))
