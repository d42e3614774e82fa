"""Reading the daemon's settings: defaults, file, environment."""

import ast
import inspect
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from opsconductor.config.load import find_settings_file, load_settings
from opsconductor.config.provision.document import parse_document
from opsconductor.config.section import Section
from opsconductor.config.sections.account import AccountSettings
from opsconductor.config.settings import ApiSettings, Settings
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.errors import ConfigError

API = "OPSCONDUCTOR__API__"
KEYS = tuple(Settings.model_fields)
API_KEYS = ", ".join(map(str.upper, ApiSettings.model_fields))
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start in an empty directory without variables of ours."""
    for name in [name for name in os.environ if name.upper().startswith("OPSCONDUCTOR__")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    """Write a settings file."""
    path = Path("settings.yaml")
    path.write_text(text)
    return path


def test_empty_file_is_all_defaults_with_an_absolute_data_directory() -> None:
    """No key is required; a later change of directory does not move the data."""
    settings = load_settings(written("# nothing\n"))
    assert settings == Settings(data_dir=Path("var").absolute())


def test_section_with_everything_commented_out_is_its_defaults() -> None:
    """`log:` with nothing below is no fault."""
    assert load_settings(written("log:\n  # level: debug\n")).log == Settings().log


def test_default_file_of_the_working_directory_is_found() -> None:
    """`./etc/opsconductor.yaml` is read when no file is named."""
    Path("etc").mkdir()
    Path("etc/opsconductor.yaml").write_text("log: {level: debug}\n")
    assert find_settings_file() == Path("etc/opsconductor.yaml")
    assert load_settings().log.level == "debug"


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables set keys of sections, whole or new, read as text of the key's type."""
    monkeypatch.setenv("OPSCONDUCTOR__DATABASE__POOL_SIZE", "20")
    monkeypatch.setenv("OPSCONDUCTOR__API__LISTEN", "[::1]:9000")
    monkeypatch.setenv("opsconductor__engine__settle_time", "10s")
    monkeypatch.setenv("OPSCONDUCTOR__PROVISION", "a.yaml, b")
    monkeypatch.setenv("OPSCONDUCTOR__DATA_DIR", "/srv/ops")
    settings = load_settings(written("database: {pool_size: 5}\nengine:\n"))
    assert settings.database.pool_size == 20
    assert settings.api.listen == ListenAddress("::1", 9000)
    assert settings.engine.settle_time == timedelta(seconds=10)
    assert settings.provision == (Path("a.yaml"), Path("b"))
    assert settings.data_dir == Path("/srv/ops")


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit files and compose files set variables to an empty text to unset them."""
    monkeypatch.setenv("OPSCONDUCTOR__DATABASE__POOL_SIZE", "")
    assert load_settings(written("database: {pool_size: 5}\n")).database.pool_size == 5


def test_faults_of_the_environment_name_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong values and unknown variables are reported beside the faults of the file."""
    monkeypatch.setenv("OPSCONDUCTOR__DATABASE__POOL_SIZE", "many")
    monkeypatch.setenv("OPSCONDUCTOR__API__LISTN", "x")
    monkeypatch.setenv("OPSCONDUCTOR__FOO", "x")
    monkeypatch.setenv("OPSCONDUCTOR__DATA_DIR__X", "x")
    monkeypatch.setenv("OPSCONDUCTOR__LOG", "loud")
    with pytest.raises(ConfigError) as raised:
        load_settings(written("limits: {batch_events: x}\n"))
    unknown = "found an unknown variable, expected after"
    assert {str(fault) for fault in raised.value.faults} == {
        f"environment: OPSCONDUCTOR__API__LISTN: {unknown} {API} one of {API_KEYS} (did you mean LISTEN?)",
        'environment: OPSCONDUCTOR__DATABASE__POOL_SIZE: found "many", expected a whole number',
        f"environment: OPSCONDUCTOR__DATA_DIR__X: {unknown} OPSCONDUCTOR__DATA_DIR__ no key here",
        f"environment: OPSCONDUCTOR__FOO: {unknown} OPSCONDUCTOR__ one of {', '.join(map(str.upper, KEYS))}",
        'environment: OPSCONDUCTOR__LOG: found "loud", expected a mapping of keys to values',
        'settings.yaml:1: limits.batch_events: found "x", expected a whole number',
    }


def test_variable_below_a_value_of_the_file_leaves_the_fault_to_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the file has a text for a section, the variable cannot repair it."""
    monkeypatch.setenv("OPSCONDUCTOR__API__LISTEN", "127.0.0.1:80")
    with pytest.raises(ConfigError) as raised:
        load_settings(written("api: nothing\n"))
    assert [str(fault) for fault in raised.value.faults] == [
        'settings.yaml:1: api: found "nothing", expected a mapping of keys to values'
    ]


def test_references_are_resolved_and_secrets_stay_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password comes from the environment, and no representation of the settings shows it."""
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    settings = load_settings(written("database: {url: 'postgresql://ops:${env:DB_PASSWORD}@db/ops'}\n"))
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "postgresql://ops:hunter2@db/ops"
    assert "hunter2" not in repr(settings) + settings.model_dump_json()


def test_settings_can_not_be_changed() -> None:
    """Settings stay as they were validated."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().data_dir = Path("/")  # type: ignore[misc]


def sections() -> Iterator[tuple[str, type[Section]]]:
    """List all sections by their key; the top by an empty one."""
    yield "", Settings
    for section in (Settings, AccountSettings):
        for name, field in section.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
                yield name, field.annotation


@cache
def explained(section: type[Section]) -> set[str]:
    """List the keys of a section that a docstring follows."""
    (body,) = ast.parse(inspect.getsource(section)).body
    assert isinstance(body, ast.ClassDef)
    return {
        ast.unparse(key.target)
        for key, text in pairwise(body.body)
        if isinstance(key, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def test_every_key_is_explained_in_the_code_and_in_the_sample_file() -> None:
    """No key lacks an explanation, neither in the settings nor in `etc/opsconductor.yaml`."""
    sample = (ROOT / "etc/opsconductor.yaml").read_text()
    for name, section in sections():
        for key in section.model_fields:
            is_section = name == "" and key in dict(sections())
            assert is_section or key in explained(section), f"{name}.{key}"
            assert re.search(rf"^ *(# )?{key}:", sample, re.MULTILINE), f"{name}.{key}"


def test_sample_file_states_the_true_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every commented key enabled, the sample equals no file at all."""
    sample = (ROOT / "etc/opsconductor.yaml").read_text()
    switched_on = re.sub(r"^( *)# ([a-z_]+: \S+)$", r"\1\2", sample, flags=re.MULTILINE)
    assert switched_on.count("\n  # pool_size") == 0
    document, faults = parse_document(switched_on, Path("sample"))
    assert not faults
    assert isinstance(document.value, dict)
    assert Settings.model_validate({**document.value, "provision": []}) == Settings()
    monkeypatch.chdir(ROOT)
    assert load_settings(Path("etc/opsconductor.yaml")).provision == (Path("etc/provision"),)
