"""Fixtures of the API's tests; a test module takes them with `pytest_plugins`."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession

from tests.support.api.api_stage import Caller, Stage, caller, serving
from tests.support.daemons.terminal import Terminal


@pytest.fixture
def stage(pool: asyncpg.Pool) -> Stage:
    """Provide an engine and a store without any alert."""
    return Stage(pool)


@pytest.fixture
async def url(stage: Stage) -> AsyncIterator[str]:
    """Serve the API."""
    async with serving(stage) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """Open an HTTP client that keeps no cookies of its own accord."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def operator(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client that may read and act."""
    return await caller(stage, http, url, "operator")


@pytest.fixture
async def viewer(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client that may read only."""
    return await caller(stage, http, url, "viewer")


@pytest.fixture
async def stranger(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client without a key."""
    return await caller(stage, http, url, None)


@pytest.fixture
def terminal(tmp_path: Path, url: str, database_url: str) -> Terminal:
    """Provide a terminal on the machine of the daemon, without any key set."""
    listen = url.removeprefix("http://")
    lines = [f"data_dir: {tmp_path}", f"api: {{listen: '{listen}'}}", f"database: {{url: '{database_url}'}}"]
    (tmp_path / "opsconductor.yaml").write_text("\n".join(lines))
    return Terminal(tmp_path, {})
