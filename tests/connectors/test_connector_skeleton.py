"""`opsconductor connectors new`: its package works at once, and equals the one in docs/connectors.md."""

import asyncio
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from opsconductor.cli import main
from opsconductor.connector.checking.conformance import build_connector
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Role
from opsconductor.model.event import RawEvent
from tests.support.daemons.third_party import ROOT, install, run
from tests.support.ports import free_port

SHOWN = re.compile(r"^`(opsconductor-acme/\S+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A file in the document: its path, and its content."""
NOT_SHOWN = {"README.md", "py.typed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a connector package, and the environment in which the package is installed."""

    name: str
    folder: Path
    env: Mapping[str, str]

    @property
    def package(self) -> Path:
        """The Python package."""
        return self.folder / f"opsconductor_{self.name}"


def new(*arguments: object) -> Result:
    """Run `opsconductor connectors new`."""
    return CliRunner().invoke(main, ["connectors", "new", *map(str, arguments)])


def document() -> dict[str, str]:
    """Read the files of docs/connectors.md, by path."""
    return dict(SHOWN.findall((ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Write the files that the document shows, and nothing else."""
    folder = tmp_path_factory.mktemp("document")
    for name, content in document().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "opsconductor-acme" / "opsconductor_acme" / "README.md").write_text("# acme\n")
    return Project(
        name="acme", folder=folder / "opsconductor-acme", env=install(folder / "opsconductor-acme")
    )


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, documented: Project) -> list[Project]:
    """Make a package of each role, beside that of the document."""
    folder = tmp_path_factory.mktemp("new")
    made = [documented]
    for role in Role:
        made_by = new(f"toy_{role}", "--role", role.value, "--into", folder)
        assert made_by.exit_code == 0, made_by.output
        path = folder / f"opsconductor-toy_{role}"
        made.append(Project(name=f"toy_{role}", folder=path, env=install(path)))
    return made


def test_the_document_shows_what_the_command_writes(tmp_path: Path) -> None:
    """File by file: neither can change without the other."""
    assert new("acme", "--into", tmp_path).exit_code == 0
    written = {
        str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name not in NOT_SHOWN
    }
    assert document() == written


def env_of(projects: list[Project]) -> Mapping[str, str]:
    """Return the environment in which all projects are installed."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(each.env["PYTHONPATH"] for each in projects)}


def test_a_new_package_passes_mypy(projects: list[Project]) -> None:
    """In strict mode, with the settings in its own pyproject.toml."""
    settings = projects[0].folder / "pyproject.toml"
    checked = run("mypy", "--config-file", settings, *(project.package for project in projects))
    assert checked.returncode == 0, checked.stdout


def test_a_new_package_passes_its_own_tests(projects: list[Project]) -> None:
    """The test in the package is that of the contract, its files and its cases."""
    folders = [project.folder / "tests" for project in projects]
    tested = run("pytest", "-p", "no:cacheprovider", *folders, env=env_of(projects), cwd=projects[0].folder)
    assert tested.returncode == 0, tested.stdout
    assert f"{len(projects)} passed" in tested.stdout


def test_a_new_package_passes_connectors_check(projects: list[Project]) -> None:
    """The samples are checked unchanged, without a daemon."""
    tokens = {f"{project.name.upper()}_TOKEN": "secret" for project in projects}
    samples = [project.package / "sample.yaml" for project in projects]
    env = {**env_of(projects), **tokens}
    checked = run("opsconductor", "connectors", "check", "--json", *samples, env=env)
    found = json.loads(checked.stdout)
    assert [found[f"{project.name}-main"]["ok"] for project in projects] == [True] * len(projects), found
    assert checked.returncode == 0, checked.stderr


def test_an_installed_package_is_tested_with_ours(projects: list[Project]) -> None:
    """Its entry point is enough, and a missing method is named."""
    project = projects[0]
    missing = project.package / "sample.yaml"
    content = missing.read_text()
    missing.unlink()
    every = ("-k", "third_party", "tests/connectors/test_every_connector.py")
    tested = run("pytest", "-p", "no:cacheprovider", *every, env=env_of(projects))
    missing.write_text(content)
    assert "1 failed" in tested.stdout
    assert f"{missing} is missing or empty" in tested.stdout
    assert not [project.name for project in projects[1:] if str(project.package) in tested.stdout]


async def test_the_documented_connector_gives_its_alert(
    documented: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It runs unchanged: a line over TCP becomes the alert of its case, and `ok` follows the commit."""
    monkeypatch.syspath_prepend(str(documented.folder))
    connector_type = import_module("opsconductor_acme").TYPE
    port = free_port()
    config = connector_type.config.model_validate({"listen": f"127.0.0.1:{port}", "token": "a secret"})
    counted: list[tuple[str, str]] = []

    def count(stage: str, reason: str = "", amount: int = 1) -> None:
        counted.extend([(stage, reason)] * amount)

    up = asyncio.Event()
    context = ConnectorContext(
        name="acme",
        data_dir=tmp_path,
        report_up=up.set,
        count=count,
    )
    source = build_connector(connector_type, config, context).source
    assert source is not None
    events: asyncio.Queue[RawEvent] = asyncio.Queue()

    async def emit(emitted: Any) -> None:
        for event in emitted:
            await events.put(event)

    assert (await source.check()).ok
    running = asyncio.ensure_future(source.run(emit))
    await up.wait()
    assert (await source.check()).message == f"listens on 127.0.0.1:{port}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = (documented.package / "cases" / "first" / "input.json").read_bytes()
    writer.write(b"no JSON\n" + line.replace(b"a secret", b"a guess") + line)
    event = await events.get()
    assert event.on_commit is not None
    event.on_commit()
    assert await reader.readline() == b"ok\n"
    assert counted == [
        ("received", ""),
        ("undecodable", "no_json"),
        ("received", ""),
        ("refused", "token"),
        ("received", ""),
    ]
    expected = json.loads((documented.package / "cases" / "first" / "expected.json").read_text())
    for payload in (event.payload, source.redacted(event)):
        (alert,) = source.normalize(event._replace(payload=payload))
        assert (alert.device_ip, alert.resource, alert.severity) == tuple(
            expected[0][key] for key in ("device_ip", "resource", "severity")
        )
    assert b"a secret" not in source.redacted(event)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prtg", "the connector type prtg exists already: choose another name"),
        ("Acme-Pager", "'Acme-Pager' cannot name a connector type"),
        ("class", "no word of Python, for instance acme"),
        ("7up", "for instance up"),
        ("a" * 51, "at most 50"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, words: str, tmp_path: Path) -> None:
    """The message has the reason and the remedy; nothing is written."""
    refused = new(name, "--into", tmp_path)
    assert refused.exit_code == 1
    assert words in refused.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder of that name is left as it is."""
    (tmp_path / "opsconductor-acme").mkdir()
    refused = new("acme", "--into", tmp_path)
    assert refused.exit_code == 1
    assert "exists already: remove it, or choose another name or --into" in refused.output
    assert list((tmp_path / "opsconductor-acme").iterdir()) == []
