"""Polling PRTG: its faults are open here, and a partial answer clears nothing."""

import asyncio
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from connectors.prtg.client import opened
from connectors.prtg.listing import Listing
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ConnectorError
from opsconductor.model.enums import Severity, Status
from tests.fakes.prtg import (
    LOGIN_PAGE,
    PASSHASH,
    SOFT_ERROR,
    TOKEN,
    USER,
    FakePrtg,
    Trouble,
    body,
    hang,
    page,
    redirect,
    serving,
)
from tests.support.connectors.prtg_stage import NAME, Stage, config_of, device, staged

SERVER = f"connector={NAME}"


@pytest.fixture
def fake() -> FakePrtg:
    """One device with a sensor that is up."""
    fake = FakePrtg()
    fake.sensor("Ping", fake.device("core-sw1", "10.0.0.1"))
    return fake


async def test_a_listed_sensor_is_open_until_it_is_no_longer_listed(fake: FakePrtg) -> None:
    """Device, type and resource name it; the link leads to the sensor; only the states asked for are sent."""
    sensor = fake.sensor("Traffic", status=5, kind="snmptraffic", message="No answer", tags="bandwidthsensor")
    async with staged(fake) as stage:
        await stage.poll()
        (alert,) = stage.open().values()
        assert (alert.device_ip, alert.alert_type) == ("10.0.0.1", "network_sensor_alarm")
        assert (alert.resource, alert.severity) == (f"sensor={sensor.id}", Severity.CRITICAL)
        assert alert.message == "No answer"
        assert alert.custom_fields["url"] == f"{stage.config.base}/sensor.htm?id={sensor.id}"
        sensor.status = 3
        await stage.poll()
        assert stage.open() == {}
        assert stage.alerts[alert.id].status is Status.RESOLVED
        asked = fake.asked_for("/table.json")[0]
        assert asked["filter_status"] == ["1", "2", "4", "5", "6", "10", "13", "14"]


async def test_a_long_list_is_read_in_pages(fake: FakePrtg) -> None:
    """1,234 sensors are read with three questions of 500 each, in the order of their ids."""
    for number in range(1_234):
        fake.sensor(f"Sensor {number}", status=5)
    async with staged(fake) as stage:
        await stage.poll()
        assert len(stage.open()) == 1_234
    assert [asked["start"] for asked in fake.asked_for("/table.json")] == [["0"], ["500"], ["1000"]]


async def test_a_list_that_changes_while_it_is_read_is_read_anew(fake: FakePrtg) -> None:
    """Rows may have moved between pages: nothing is used until all pages agree on the total."""
    for _ in range(5):
        fake.sensor(status=5)
    fake.changes = 1
    async with staged(fake, page_size=2) as stage:
        await stage.poll()
        assert len(stage.open()) == 6
        fake.changes = 1_000
        await stage.poll()
        assert "changes while it is read" in (stage.down or "")
        assert len(stage.open()) == 7
        assert SERVER in stage.open()


HALF_ANSWERS = {
    "rows are missing": (None, "answers with 1 of 3 rows"),
    "cut off": (
        body('{"prtg-version":"24","treesize":1,"sensors":[{"objid":3000,"sta'),
        "invalid or truncated",
    ),
    "a login page with 200": (page(LOGIN_PAGE), "login page"),
    "an error page with 200": (page(SOFT_ERROR), "the selected object cannot be used here"),
    "another page": (page("<html><title>Proxy</title></html>"), "a page instead of JSON: Proxy"),
    "not let in": (page("<title>Unauthorized</title>", status=401), "HTTP 401: Unauthorized: api_token"),
    "no right": (page("<title>Forbidden</title>", status=403), "the user lacks the right"),
    "an error in XML": (page("<prtg><error>Bad column</error></prtg>", status=400), "HTTP 400: Bad column"),
    "a failure": (page("", status=503), "HTTP 503"),
    "an error by redirect": (redirect("/error.htm?errormsg=Sorry%2C+no"), "refuses: Sorry, no"),
    "a login by redirect": (redirect("/public/login.htm?loginurl=x"), "requires a login"),
    "to HTTPS": (redirect("https://127.0.0.1/api/table.json"), "put the final address into url"),
    "no rows": (body('{"prtg-version":"24","treesize":0}'), "without sensors or treesize"),
    "no total": (body('{"prtg-version":"24","sensors":[]}'), "without sensors or treesize"),
    "rows without id": (body('{"treesize":1,"sensors":[{"status_raw":5}]}'), "rows that have no id"),
    "rows of nothing": (body('{"treesize":1,"sensors":[7]}'), "rows that have no id"),
    "a list": (body("[]"), "JSON that is not PRTG's"),
    "deep": (body("[" * 100_000), "invalid or truncated"),
    "endless": (body('{"treesize":9999999,"sensors":[{"objid":1}]}'), "more than 100000"),
    "silence": (hang, "does not answer in time"),
}


@pytest.mark.parametrize("case", HALF_ANSWERS)
async def test_half_an_answer_clears_nothing_and_is_an_alert_of_its_own(fake: FakePrtg, case: str) -> None:
    """Whatever is wrong with the answer, open alerts stay open, and the reason is reported only once."""
    trouble, reason = HALF_ANSWERS[case]
    sensor = fake.sensor(status=5)
    async with staged(fake, timeout=0.3 if case == "silence" else 10) as stage:
        await stage.poll()
        fake.trouble, fake.adds_rows = trouble, 2 if trouble is None else 0
        await stage.poll(2)
        assert reason in (stage.down or "")
        assert set(stage.open()) == {f"sensor={sensor.id}", SERVER}
        own = stage.open()[SERVER]
        assert (own.alert_type, own.severity) == ("application_prtg_unreadable", Severity.MAJOR)
        assert (reason in own.message, own.occurrence_count) == (True, 1)
        fake.trouble, fake.adds_rows = None, 0
        fake.let_go.set()
        await stage.poll()
        assert set(stage.open()) == {f"sensor={sensor.id}"}
        assert stage.down is None


async def test_a_server_that_is_away_is_an_alert_only_when_it_stays_away(fake: FakePrtg) -> None:
    """One lost answer is ignored; the second in a row is reported; the status shows either at once."""
    async with serving(fake) as port:
        stage = Stage(config_of(port, unreachable_after=2))
    await stage.poll()
    assert "cannot be connected" in (stage.down or "")
    assert stage.open() == {}
    await stage.poll()
    assert set(stage.open()) == {SERVER}


@pytest.mark.parametrize("credentials", [{"api_token": TOKEN}, {"username": USER, "passhash": PASSHASH}])
async def test_no_error_ever_shows_credentials(fake: FakePrtg, credentials: dict[str, str]) -> None:
    """Not in its text, not in what caused it, though they stand in every URL and PRTG repeats that."""
    values: dict[str, object] = {"api_token": None, **credentials}
    async with serving(fake) as port:
        config = config_of(port, timeout=0.3, **values)

        def echo(request):  # noqa: ANN001, ANN202 - a trouble
            return redirect(f"/error.htm?errormsg={request.path_qs}")(request)

        def hide(request):  # noqa: ANN001, ANN202
            return page(f"<title>{request.path_qs}</title>", status=400)(request)

        for trouble in (echo, hide, hang, page(LOGIN_PAGE), redirect("https://elsewhere/"), body("{")):
            fake.trouble = trouble
            assert await texts_of_failure(config) != ""
    shown = await texts_of_failure(config)
    assert "cannot be connected" in shown
    assert repr(config).count("**********") >= 1


async def texts_of_failure(config) -> str:  # noqa: ANN001 - see the caller
    """Ask for problems and give the whole traceback; no secret may stand in it."""
    try:
        async with opened(config, Destinations()) as client:
            await Listing(config, client).problems()
    except ConnectorError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error)
        for secret in (TOKEN, TOKEN.replace("=", "%3D"), PASSHASH):
            assert secret not in shown
        return shown
    raise AssertionError("it should have failed")


async def test_user_and_passhash_are_as_good_as_a_token(fake: FakePrtg) -> None:
    """Servers before 22.4 know no tokens."""
    fake.sensor(status=5)
    async with staged(fake, api_token=None, username=USER, passhash=PASSHASH) as stage:
        await stage.poll()
        assert len(stage.open()) == 1


async def test_hosts_come_from_the_devices_where_sensors_lack_them(fake: FakePrtg) -> None:
    """Asked once and remembered; an address is the device's, a name is looked up in the inventory."""
    fake.knows_host = False
    other = fake.device("Mail", "mail.example.net")
    fake.sensor(status=5)
    fake.sensor("IMAP", other, status=5, kind="imap", tags="")
    async with staged(fake, [device("mail.example.net", "10.9.9.9")]) as stage:
        await stage.poll(2)
        assert {alert.device_ip for alert in stage.open().values()} == {"10.0.0.1", "10.9.9.9"}
    assert len([each for each in fake.asked_for("/table.json") if each["content"] == ["devices"]]) == 1


async def test_a_lost_probe_clears_nothing_and_is_reported_once(fake: FakePrtg) -> None:
    """The state of its sensors is unknown: their alerts stay unchanged, acknowledgements too."""
    down = fake.sensor(status=5)
    taken = fake.sensor(status=13)
    async with staged(fake) as stage:
        await stage.poll()
        for sensor in fake.sensors.values():
            sensor.status = 6
        await stage.poll(2)
        lost = stage.open()["probe=Local Probe"]
        assert (lost.alert_type, lost.severity) == ("application_probe_disconnected", Severity.MAJOR)
        assert stage.open()[f"sensor={down.id}"].severity is Severity.CRITICAL
        assert stage.open()[f"sensor={taken.id}"].status is Status.ACKNOWLEDGED
        assert len(stage.open()) == 3
        for sensor in fake.sensors.values():
            sensor.status = 3
        await stage.poll()
        assert stage.open() == {}


async def test_a_sensor_that_is_looking_again_is_not_over_yet(fake: FakePrtg) -> None:
    """After a restart PRTG collects first: what was down is neither over nor down again."""
    sensor = fake.sensor(status=5)
    async with staged(fake) as stage:
        await stage.poll()
        sensor.status = 2
        await stage.poll()
        assert f"sensor={sensor.id}" in stage.open()
        sensor.status = 5
        await stage.poll()
        assert stage.rules == ["fold.new"]


async def test_paused_sensors_are_asked_for_only_if_they_matter(fake: FakePrtg) -> None:
    """Thousands may be paused; as a rule they are no alerts."""
    sensor = fake.sensor(status=7)
    async with staged(fake) as stage:
        await stage.poll()
        assert stage.open() == {}
    async with staged(fake, severities={"paused": "info"}) as stage:
        await stage.poll()
        assert stage.open()[f"sensor={sensor.id}"].severity is Severity.INFO
    assert "7" not in fake.asked_for("/table.json")[0]["filter_status"]
    assert "7" in fake.asked_for("/table.json")[-1]["filter_status"]


async def test_acknowledged_there_is_acknowledged_here_once(fake: FakePrtg) -> None:
    """PRTG's tables do not have the person; withdrawn there it is active again."""
    sensor = fake.sensor(status=5)
    async with staged(fake) as stage:
        await stage.poll()
        for status, expected in ((13, Status.ACKNOWLEDGED), (13, Status.ACKNOWLEDGED), (5, Status.ACTIVE)):
            sensor.status = status
            await stage.poll()
            assert stage.open()[f"sensor={sensor.id}"].status is expected
        assert stage.rules == ["fold.new", "source.acknowledged", "source.unacknowledged", "route.settled"]


async def test_times_are_in_utc_whatever_the_server_shows(fake: FakePrtg) -> None:
    """A sensor is down since it was last up; the texts beside the raw dates are of the user's time zone."""
    up_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    sensor = fake.sensor(status=5, last_up=up_at, last_check=up_at + timedelta(hours=2))
    async with staged(fake) as stage:
        await stage.poll()
        assert stage.open()[f"sensor={sensor.id}"].occurred_at == up_at


@pytest.mark.parametrize("knows_host", [True, False])
async def test_api_v2_comes_to_the_same(fake: FakePrtg, *, knows_host: bool) -> None:
    """Same alerts, whichever API is asked: changing it later opens nothing anew."""
    fake.knows_host = knows_host
    for status in (1, 3, 4, 5, 7, 10, 13, 14):
        fake.sensor(f"Sensor {status}", status=status, last_up=datetime.now(UTC) - timedelta(hours=1))
    async with staged(fake) as stage:
        await stage.poll()
        first = {alert.fingerprint: alert.severity for alert in stage.open().values()}
    async with staged(fake, api="v2", page_size=2) as stage:
        await stage.poll()
        assert {alert.fingerprint: alert.severity for alert in stage.open().values()} == first
        fake.trouble = page("", status=404)
        await stage.poll()
        assert "API v2 is not enabled" in (stage.down or "")
        assert len(stage.open()) == len(first) + 1


async def test_a_stop_ends_a_poll_that_hangs(fake: FakePrtg) -> None:
    """Cancelling closes the connection; nothing waits for the answer."""
    fake.trouble = hang
    async with staged(fake, timeout=60) as stage:
        task = asyncio.create_task(stage.poll())
        await fake.waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)


CHECKS: dict[str, tuple[Trouble | None, dict[str, object], str]] = {
    "all well": (None, {}, "PRTG 24.1.92.1554 answers and shows 1 sensors"),
    "wrong token": (None, {"api_token": "wrong"}, "HTTP 401"),
    "login page": (page(LOGIN_PAGE), {}, "login page"),
    "no PRTG": (body('{"treesize":1}'), {}, "but not like PRTG"),
    "wrong address": (page("<title>Not Found</title>", status=404), {}, "there is no PRTG at this url"),
    "slow": (hang, {"timeout": 0.3}, "does not answer in time"),
    "api v2": (None, {"api": "v2"}, "answers and shows"),
}


@pytest.mark.parametrize("case", CHECKS)
async def test_the_check_says_what_is_wrong(fake: FakePrtg, case: str) -> None:
    """Each way to fail has its own words, and none shows the token."""
    fake.trouble, values, expected = CHECKS[case]
    async with serving(fake) as port:
        check = await Stage(config_of(port, **values)).source.check()
    assert expected in check.message
    assert check.ok == (case in ("all well", "api v2"))
    assert TOKEN not in repr(check)


async def test_the_check_reports_missing_rights(fake: FakePrtg) -> None:
    """A user that sees nothing, or may not acknowledge though that is wanted."""
    async with staged(fake, acknowledge_back=True) as stage:
        fake.is_reader = True
        assert "may only read" in (await stage.source.check()).message
        fake.sensors.clear()
        assert "shows no sensor" in (await stage.source.check()).message


async def test_the_check_reports_a_missing_server() -> None:
    """Refused connections and unknown names."""
    async with serving(FakePrtg()) as port:
        pass
    assert "cannot be connected: Connection refused" in (await Stage(config_of(port)).source.check()).message
    nowhere = config_of(port, url="http://prtg.invalid")
    assert "http://prtg.invalid:80" in (await Stage(nowhere).source.check()).message
