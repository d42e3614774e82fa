"""The wheel works away from the checkout: it contains everything that is shipped."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.daemon.test_first_hour import LINK_DOWN, port
from tests.support.daemons.daemon import ROOT, Daemon, running


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it where nothing else of us is."""
    wheels, site = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = wheels.glob("opsconductor-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    return site


async def test_daemon_of_the_wheel_takes_a_trap(installed: Path, tmp_path: Path) -> None:
    """Installed without the checkout, it makes its database, takes a trap and shows the alert."""
    async with running(Daemon(tmp_path, code=installed)) as daemon:
        await daemon.trap(LINK_DOWN, *port(7))
        await daemon.alerts_when(lambda found: len(found) == 1)


def test_wheel_holds_units_examples_and_mappings(installed: Path) -> None:
    """Migrations, units, mapping packs and examples are found inside the installed package."""
    names = ("etc", "mibs", "migrations", "systemd", "docs")
    script = f"from opsconductor.shipped import shipped; print(*map(shipped, {names}))"
    command = [sys.executable, "-c", script]
    finished = subprocess.run(command, cwd=installed, capture_output=True, text=True, check=True)
    folders = [Path(folder) for folder in finished.stdout.split()]
    assert all(folder.is_relative_to(installed) and folder.is_dir() for folder in folders)
    assert (folders[0] / "examples" / "rules.yaml").is_file()
    assert (folders[3] / "opsconductor.service").is_file()
    assert (folders[4] / "administration.md").is_file()
    assert (installed / "share" / "man" / "man1" / "opsconductor.1").is_file()


def test_wheel_shows_its_types_to_mypy(installed: Path) -> None:
    """Else mypy takes everything that a third-party connector imports for `Any`, and refuses nothing."""
    assert (installed / "opsconductor" / "py.typed").is_file()
