"""The units as systemd itself judges them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from opsconductor.shipped import shipped

MOST_EXPOSED = 2.0


def test_units_verify_without_a_word(tmp_path: Path) -> None:
    """`systemd-analyze verify` has no remark on service and socket."""
    for unit in ("opsconductor.service", "opsconductor.socket"):
        shutil.copy(shipped("systemd") / unit, tmp_path)
    service = tmp_path / "opsconductor.service"
    program = "/opt/opsconductor/bin/opsconductor"
    assert program in service.read_text()
    service.write_text(service.read_text().replace(program, sys.executable))
    judged = subprocess.run(
        ["systemd-analyze", "verify", str(service), str(tmp_path / "opsconductor.socket")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stdout, judged.stderr) == (0, "", "")


def test_service_is_hardened() -> None:
    """`systemd-analyze security` rates the exposure of the service 2.0 or better."""
    judged = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            "--no-pager",
            str(shipped("systemd") / "opsconductor.service"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    rating = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert rating is not None, judged.stdout + judged.stderr
    assert float(rating[1]) <= MOST_EXPOSED
