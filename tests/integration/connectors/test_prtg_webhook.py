"""PRTG's notifications in all their forms: they and the polls are one alert."""

import asyncio
from datetime import timedelta
from urllib.parse import quote

import pytest

from opsconductor.errors import DecodeError, Refused
from opsconductor.model.enums import Severity, Status
from tests.fakes.prtg import TEMPLATE, FakePrtg, FakeSensor, hang, notification, page
from tests.support.connectors.prtg_stage import SECRET, device, staged

HOUR = 3_600
JSON = (
    '{"sensorid":"%sensorid","device":"%device","host":"%host","sensor":"%name","laststatus":"%laststatus",'
    '"message":"%message","priority":"%priority"}'
)
TEST_BUTTON = f"{TEMPLATE}&secret={quote(SECRET)}".encode()
"""What the button "Send test notification" sends: nothing is filled in."""


@pytest.fixture
def fake() -> FakePrtg:
    """One sensor that no poll has reported yet."""
    fake = FakePrtg()
    fake.sensor("Ping", fake.device("core-sw1", "10.0.0.1"), message='No "answer" & more', tags="")
    return fake


def only(fake: FakePrtg, status: int | None = None) -> FakeSensor:
    """Find the one sensor, and bring it into a state."""
    (sensor,) = fake.sensors.values()
    if status is not None:
        sensor.status = status
    return sensor


def plain_json(fake: FakePrtg) -> bytes:
    """Fill JSON as it stands in the payload field: nothing in a message is escaped."""
    sensor = only(fake)
    values = {
        "sensorid": sensor.id, "device": sensor.device.name, "host": sensor.device.host, "name": sensor.name,
        "laststatus": "Down", "message": sensor.message, "priority": "***",
    }  # fmt: skip
    text = JSON
    for name, value in values.items():
        text = text.replace(f"%{name}", str(value))
    return text.encode()


SHAPES = {
    "form": lambda fake: notification(only(fake)),
    "form with %20": lambda fake: notification(only(fake)).replace(b"+", b"%20"),
    "JSON labelled as form": plain_json,
    "JSON as the name of a field": lambda fake: plain_json(fake) + b"=",
    "JSON as the value of a field": lambda fake: b"payload=" + quote(plain_json(fake)).encode(),
    "percent-encoded JSON": lambda fake: quote(plain_json(fake), safe="").encode(),
    "percent-encoded in small letters": lambda fake: quote(plain_json(fake), safe="").lower().encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_becomes_the_alert_that_a_poll_makes(fake: FakePrtg, shape: str) -> None:
    """The notification comes first and the poll finds the alert open, or the other way round."""
    async with staged(fake, poll_interval=HOUR) as stage:
        async with stage.running():
            only(fake, 5)
            await stage.post(SHAPES[shape](fake))
        (alert,) = stage.open().values()
        assert (alert.severity, alert.alert_type) == (Severity.CRITICAL, "network_ping_alarm")
        assert alert.message.casefold() == 'no "answer" & more'
        assert alert.is_cutting
        await stage.poll()
        assert stage.rules == ["fold.new"]
    async with staged(fake, poll_interval=HOUR) as stage:
        async with stage.running():
            await stage.post(SHAPES[shape](fake))
        assert stage.rules == ["fold.new"]
        assert [each.fingerprint for each in stage.open().values()] == [alert.fingerprint]


async def test_the_end_is_reported_by_a_notification_too(fake: FakePrtg) -> None:
    """A poll that was on its way meanwhile, and still lists the sensor, opens nothing."""
    only(fake, 5)
    async with staged(fake, poll_interval=HOUR) as stage:
        late = await stage.poll()
        async with stage.running():
            await stage.post(notification(only(fake, 3)))
        assert stage.open() == {}
        stage.take(late)
        assert stage.open() == {}
        assert stage.rules == ["fold.new", "fold.clear"]


@pytest.mark.parametrize("devices", [[], [device("core-sw1.example.net", "10.7.7.7")]])
async def test_names_and_addresses_come_to_the_same_device(fake: FakePrtg, devices: list) -> None:
    """The notification has the device's name, the table its host; inventory or not, it is one alert."""
    only(fake).device.host = "core-sw1.example.net"
    async with staged(fake, devices, poll_interval=HOUR) as stage:
        async with stage.running():
            only(fake, 5)
            await stage.post(f"sensorid={only(fake).id}&device=Core+Switch&status=Down".encode())
        await stage.poll()
        assert stage.rules == ["fold.new"]
        assert [each.device_ip for each in stage.open().values()] == ["10.7.7.7" if devices else None]


@pytest.mark.parametrize("trouble", [hang, page("", status=503)])
async def test_without_an_answer_of_prtg_a_notification_is_taken_as_it_is(
    fake: FakePrtg, trouble: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its content counts; the first poll that works corrects it, and leaves nothing behind."""
    monkeypatch.setattr("connectors.prtg.source.LOOK_UP_S", 0.2)
    sensor = only(fake)
    sensor.kind = "imap"
    async with staged(fake, poll_interval=HOUR) as stage:
        async with stage.running():
            fake.trouble = trouble
            await stage.post(f"sensorid={sensor.id}&device=core-sw1&status=Down&message=bad".encode())
            fake.let_go.set()
        (alert,) = stage.open().values()
        assert (alert.alert_type, alert.message) == ("unknown_sensor_alarm", "bad")
        assert (alert.device_ip, alert.device_name) == (None, "core-sw1")
        fake.trouble = None
        only(fake, 5)
        stage.ahead = timedelta(seconds=60)
        await stage.poll()
        (alert,) = stage.open().values()
        assert (alert.alert_type, alert.device_ip) == ("application_sensor_alarm", "10.0.0.1")


async def test_an_alert_not_listed_yet_stays_open_for_a_moment(fake: FakePrtg) -> None:
    """PRTG's list may lag behind its notification; after some time, an unlisted alert is over."""
    body = notification(only(fake, 5))
    only(fake, 3)
    async with staged(fake) as stage:
        await stage.post(body)
        await stage.poll()
        assert len(stage.open()) == 1
        stage.ahead = timedelta(seconds=60)
        await stage.poll()
        assert stage.open() == {}
        assert stage.rules == ["fold.new", "snapshot.missing"]


async def test_many_notifications_at_once_ask_prtg_seldom(fake: FakePrtg) -> None:
    """A switch goes down with 60 sensors: few requests bring the details of all of them."""
    async with staged(fake, poll_interval=HOUR) as stage, stage.running():
        sensors = [fake.sensor(f"Sensor {number}", status=5) for number in range(60)]
        await asyncio.gather(*(stage.post(notification(each)) for each in sensors))
        assert len(stage.open()) == 60
        assert len([each for each in fake.asked_for("/table.json") if "filter_objid" in each]) <= 4


async def test_words_of_another_language_are_looked_up(fake: FakePrtg) -> None:
    """PRTG speaks the language of its installation; the number of the state is the same in all."""
    async with staged(fake, poll_interval=HOUR) as stage, stage.running():
        await stage.post(notification(only(fake, 4), status="Warnung"))
        assert [each.severity for each in stage.open().values()] == [Severity.WARNING]
        await stage.post(notification(only(fake, 3), status="OK"))
        assert stage.open() == {}


async def test_an_acknowledged_sensor_is_not_given_back_by_a_notification_of_old(fake: FakePrtg) -> None:
    """A notification with an acknowledgement acknowledges the alert."""
    async with staged(fake) as stage:
        await stage.post(notification(only(fake, 13)))
        assert [each.status for each in stage.open().values()] == [Status.ACKNOWLEDGED]


@pytest.mark.parametrize("status", [2, 6])
async def test_neutral_states_raise_nothing(fake: FakePrtg, status: int) -> None:
    """Collecting is neither good nor bad."""
    async with staged(fake) as stage:
        taken = await stage.post(notification(only(fake, status)))
        assert len(taken.events) == 1
        assert stage.open() == {}


async def test_the_test_button_is_answered_kindly(fake: FakePrtg) -> None:
    """It raises one notice on no device, also when its placeholders come percent-encoded."""
    async with staged(fake) as stage:
        for body in (TEST_BUTTON, TEST_BUTTON.replace(b"%", b"%25").replace(b"%2520", b"%20"), JSON.encode()):
            taken = await stage.post(body)
            assert "secret is right" in str(taken.answer)
        (alert,) = stage.open().values()
        assert (alert.device_name, alert.device_ip) == (f"{alert.source_system} (test)", None)
        assert (alert.severity, alert.expires_after) == (Severity.INFO, timedelta(minutes=10))
        assert alert.occurrence_count == 3


async def test_the_secret_may_stand_in_the_form_or_in_the_url(fake: FakePrtg) -> None:
    """PRTG cannot set headers."""
    body = notification(only(fake, 5))
    async with staged(fake) as stage:
        await stage.post(body + f"&secret={quote(SECRET)}".encode(), {})
        await stage.post(plain_json(fake).replace(b"{", f'{{"secret":"{SECRET}",'.encode(), 1), {})
        await stage.post(body, {"secret": SECRET})
        assert [each.occurrence_count for each in stage.open().values()] == [3]


@pytest.mark.parametrize(
    ("body", "query", "reason"),
    [
        (b"sensorid=3000&status=Down", {}, "wrong_secret"),
        (b"sensorid=3000&status=Down", {"secret": "wrong"}, "wrong_secret"),
        (b"sensorid=3000&status=Down&secret=%F0%9F%92%A9", {}, "wrong_secret"),
        (b'{"sensorid":3000,"secret":"\\ud800"}', {}, "wrong_secret"),
        (b"device=core-sw1&status=Down", {"secret": SECRET}, "no_sensor"),
        (b"sensorid=abc&status=Down", {"secret": SECRET}, "no_sensor"),
    ],
)
async def test_the_reason_of_a_refusal_is_reported(
    fake: FakePrtg, body: bytes, query: dict[str, str], reason: str
) -> None:
    """With a reason that is counted; the secret is looked at before anything else."""
    async with staged(fake) as stage:
        with pytest.raises(Refused) as refused:
            await stage.post(body, query)
        assert refused.value.reason == reason
        assert SECRET not in str(refused.value)


async def test_without_a_secret_nothing_is_taken(fake: FakePrtg) -> None:
    """Otherwise any sender could post."""
    async with staged(fake, webhook_secret=None) as stage:
        with pytest.raises(Refused, match="webhook_secret is not configured"):
            await stage.post(notification(only(fake, 5)), {"secret": ""})


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"[]", b"{}", b"hello", b"&&&", b"{" * 50_000])
async def test_an_invalid_form_is_undecodable(fake: FakePrtg, body: bytes) -> None:
    """Counted by its reason."""
    async with staged(fake) as stage:
        with pytest.raises(DecodeError, match="no_form"):
            await stage.post(body)


async def test_nothing_but_what_is_understood_is_kept(fake: FakePrtg) -> None:
    """The secret, and PRTG's settings with their passwords, are in no event."""
    async with staged(fake) as stage:
        body = notification(only(fake, 5)) + f"&settings=password+hunter2&secret={quote(SECRET)}".encode()
        (event,) = (await stage.post(body, {})).events
        assert b"hunter2" not in event.payload
        assert SECRET.encode() not in event.payload
