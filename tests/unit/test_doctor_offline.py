"""The doctor examines the provisioning files even while no daemon runs."""

from datetime import UTC, datetime
from pathlib import Path

from connectors.netbox.changes import EARLIEST, change
from opsconductor.config.sections.account import AccountSettings
from opsconductor.config.sections.sign_in import OidcSettings
from opsconductor.config.sections.watch import HeartbeatSettings
from opsconductor.config.settings import Settings
from opsconductor.selfcheck.doctor.finding import FindingVerdict
from opsconductor.selfcheck.doctor.offline import examine_offline


async def test_faults_of_the_files_are_bad_findings(tmp_path: Path) -> None:
    """The report shows file, line and key of a fault, with the remedy."""
    file = tmp_path / "site.yaml"
    file.write_text("connectors:\n  - name: traps\n    typ: snmp_trap\n")
    report = await examine_offline(Settings(data_dir=tmp_path / "var", provision=(file,)), "not running")
    found = [each for each in report.findings if each.area == "configuration"]
    assert {each.verdict for each in found} == {FindingVerdict.BAD}
    assert any("site.yaml:3: connectors[0].typ:" in each.text for each in found)
    assert "check-config" in found[0].remedy


async def test_settings_that_need_another_one_are_findings(tmp_path: Path) -> None:
    """Findings of `check-config` are in the report; those of log-in are in an area of their own."""
    accounts = AccountSettings(
        oidc=OidcSettings(issuer="https://id.example.org", client_id="x", default_roles=("viewer",))
    )
    settings = Settings(data_dir=tmp_path, accounts=accounts, heartbeat=HeartbeatSettings(every="30s"))
    report = await examine_offline(settings, "not running")
    found = {(each.area, each.verdict, each.text) for each in report.findings}
    text = "accounts.oidc: the provider cannot send browsers back"
    assert ("log-in", FindingVerdict.BAD, text) in found
    assert ("configuration", FindingVerdict.WARNING, "heartbeat: every has no effect") in found


def test_a_change_of_the_year_one_is_a_change() -> None:
    """A change with an impossible time is neither lost nor overflows."""
    row = {
        "id": 1,
        "time": "0001-01-01T00:00:00Z",
        "changed_object_id": 7,
        "action": {"value": "update"},
        "changed_object_type": "dcim.cable",
    }
    found = change(row)
    assert found is not None
    assert found.at == EARLIEST == datetime(2000, 1, 1, tzinfo=UTC)
