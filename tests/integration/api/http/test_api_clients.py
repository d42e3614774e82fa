"""The address of a client behind proxies, and who may read the metrics."""

from ipaddress import ip_network

import pytest

from tests.support.api.api_stage import Caller, Stage, caller, serving

pytest_plugins = ["tests.integration.api_fixtures"]

HERE = (ip_network("127.0.0.0/8"),)
NOC = (ip_network("10.7.0.0/16"), ip_network("2001:db8:7::/48"))
METRICS = "//metrics"


async def test_metrics_need_a_key_from_elsewhere(stage: Stage, viewer: Caller, stranger: Caller) -> None:
    """Outside of metrics_networks they are shown to keys that may read only; others are refused."""
    async with serving(stage, metrics_networks=NOC) as url:
        keyless = Caller(stranger.http, url, None)
        refused = await keyless.get(METRICS)
        assert (refused.status, refused.error["code"]) == (401, "unauthorized")
        reporter = await caller(stage, stranger.http, url, "reporter")
        assert (await reporter.get(METRICS)).status == 403
        assert (await Caller(stranger.http, url, viewer.key).get(METRICS)).status == 200


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("10.7.0.9", 200),
        ("2001:db8:7::1", 200),
        ("10.8.0.9", 401),
        ("10.7.0.9, 10.8.0.9", 401),
        ("10.8.0.9, 10.7.0.9", 200),
        ("10.7.0.9, 127.0.0.1", 200),
        ("10.7.0.9, nonsense", 401),
    ],
)
async def test_a_trusted_proxy_gives_the_client_address(
    stage: Stage, stranger: Caller, forwarded: str, status: int
) -> None:
    """The last address that is no trusted proxy counts; a client's own header does not."""
    async with serving(stage, trusted_proxies=HERE, metrics_networks=NOC) as url:
        keyless = Caller(stranger.http, url, None)
        assert (await keyless.get(METRICS, headers={"X-Forwarded-For": forwarded})).status == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_machine_does_not_open_the_metrics(stranger: Caller, header: str) -> None:
    """Its clients have its address, so a request through an untrusted proxy is not from this machine."""
    assert (await stranger.get(METRICS)).status == 200
    assert (await stranger.get(METRICS, headers={header: "127.0.0.1"})).status == 401


async def test_the_audit_log_names_the_client_behind_a_trusted_proxy(stage: Stage, viewer: Caller) -> None:
    """A failed log-in is recorded with the address from the proxy, if the proxy is trusted."""
    wrong = {"Authorization": "Bearer ops_deadbeef_guess", "X-Forwarded-For": "10.7.0.9"}
    noted = "SELECT remote_ip FROM audit_log WHERE action = 'login.failed' ORDER BY seq DESC LIMIT 1"
    async with serving(stage, trusted_proxies=HERE) as url:
        assert (await Caller(viewer.http, url, None).get("/alerts", headers=wrong)).status == 401
    assert await stage.pool.fetchval(noted) == "10.7.0.9"
    assert (await Caller(viewer.http, viewer.url, None).get("/alerts", headers=wrong)).status == 401
    assert await stage.pool.fetchval(noted) == "127.0.0.1"
