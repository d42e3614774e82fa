"""Forms made from JSON schemas and charts, as sections of the page use them, in a real browser."""

import json
from enum import StrEnum
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.email.config import EmailConfig
from tests.support.api.api_stage import Caller
from tests.support.page.page_stage import log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


class Transport(StrEnum):
    """How it is sent."""

    UDP = "udp"
    TCP = "tcp"


class Threshold(BaseModel):
    """A limit."""

    name: str
    above: float | None = None


class ByName(BaseModel):
    """By its name."""

    kind: Literal["name"] = "name"
    name: str


class ByNetwork(BaseModel):
    """By its network."""

    kind: Literal["network"] = "network"
    network: str


class Sample(BaseModel):
    """Every kind of field."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    host: str
    """Name or address."""
    port: int = Field(161, ge=1, le=65535)
    password: SecretStr
    transport: Transport = Transport.UDP
    verify: bool = True
    every: float | str = "PT30S"
    limit: int | None = 80
    targets: list[str] = []
    kinds: list[Transport] = []
    thresholds: list[Threshold] = []
    labels: dict[str, str] = {}
    baselines: dict[str, Threshold] = {}
    who: ByName | ByNetwork | None = None
    other: dict[str, list[int]] = {}


SHOW = """async ([schema, value]) => {
  const { html, render, Form } = await import("/static/app/kit.js");
  const mount = document.getElementById("section");
  render(null, mount);
  for (const name of ["app", "forms"]) {
    const { loadStyles } = await import("/static/app/styles.js");
    await loadStyles(`/static/app/${name}.css`);
  }
  document.getElementById("alerts").hidden = true;
  mount.hidden = false;
  const send = (value) => { window.sent = value; };
  const refused = async (body, post) => {
    send(body);
    await post("POST", "/alerts/bulk/acknowledge", { body });
  };
  render(html`<h2>Form</h2><${Form} schema=${schema} value=${value} onSubmit=${refused} />`, mount);
}"""


CHARTS = """async () => {
  const { html, render, Columns, Sparkline } = await import("/static/app/kit.js");
  const { loadStyles } = await import("/static/app/styles.js");
  for (const name of ["app", "forms"]) await loadStyles(`/static/app/${name}.css`);
  const mount = document.getElementById("section");
  document.getElementById("alerts").hidden = true;
  mount.hidden = false;
  const atHour = (hour) => new Date(Date.UTC(2026, 1, 3, hour)).toISOString();
  const steps = Array.from({ length: 24 }, (_, hour) =>
    ({ at: atHour(hour), amounts: { critical: hour % 5, major: (hour * 7) % 11 } }));
  const series = ["critical", "major"].map((name) => ({ name, kind: `sev-${name}` }));
  const label = (at) => at.slice(11, 16);
  const given = { title: "Alerts", noun: "alerts", series, steps, label, axis: label };
  render(html`<h2>Charts</h2><div class="panels">
    <div class="panel"><${Columns} ...${given} /></div>
    <div class="panel"><${Sparkline} label="24 h" values=${steps.map((each) => each.amounts.major)} /></div>
  </div>`, mount);
}"""


async def show(page: Page, model: type[BaseModel], value: dict[str, object]) -> None:
    """Draw a form in place of a section."""
    await page.evaluate(SHOW, [model.model_json_schema(), value])


async def test_every_kind_of_field_is_filled_in(page: Page) -> None:
    """Entered values arrive in their type; empty ones are left out, a stored secret stays unchanged."""
    await show(page, Sample, {"host": "a", "password": "vault:connector/x/password"})
    form = page.locator("#section")
    await expect(form.get_by_label("Password")).to_have_attribute(
        "placeholder", "unchanged: vault:connector/x/password"
    )
    await expect(page.locator("#section")).to_contain_text("Name or address.")
    await form.get_by_label("Host").fill("core-1")
    await form.get_by_text("12 more settings").click()
    await expect(form.get_by_label("Port", exact=True)).to_have_attribute("placeholder", "default: 161")
    await form.get_by_label("Port", exact=True).fill("1161")
    await form.get_by_label("Transport").select_option(label="tcp")
    await form.get_by_label("Verify").uncheck()
    await form.get_by_label("Every").fill("5m")
    await form.get_by_label("Limit: none", exact=True).check()
    await form.get_by_label("Targets").fill("10.0.0.1\n\n 10.0.0.2 ")
    await form.get_by_role("group", name="Kinds").get_by_label("udp").check()
    thresholds = form.get_by_role("group", name="Thresholds", exact=True)
    await thresholds.get_by_role("button", name="Add").click()
    await thresholds.get_by_label("Name").fill("load")
    labels = form.get_by_role("group", name="Labels")
    await labels.get_by_role("button", name="Add").click()
    await labels.get_by_label("Labels: name 1").fill("site")
    await labels.get_by_label("Labels: value 1").fill("lyon")
    baselines = form.get_by_role("group", name="Baselines", exact=True)
    for name in ("load", "power"):
        await baselines.get_by_role("button", name="Add").click()
        await baselines.get_by_label("Name").nth(-2).fill(f"{name}_1")
        await baselines.get_by_label("Name").last.fill(name)
    await form.get_by_role("group", name="Baselines 2").get_by_role("button", name="Remove").click()
    await form.get_by_label("Kind of who").select_option(label="ByNetwork")
    await form.get_by_label("Network").fill("10.0.0.0/8")
    await form.get_by_label("Other").fill('{"a": [1]}')
    await form.get_by_role("button", name="Save").click()
    assert await page.evaluate("window.sent") == {
        "host": "core-1",
        "password": "vault:connector/x/password",
        "port": 1161,
        "transport": "tcp",
        "verify": False,
        "every": "5m",
        "limit": None,
        "targets": ["10.0.0.1", "10.0.0.2"],
        "kinds": ["udp"],
        "thresholds": [{"name": "load"}],
        "baselines": {"load_1": {"name": "load"}},
        "labels": {"site": "lyon"},
        "who": {"kind": "network", "network": "10.0.0.0/8"},
        "other": {"a": [1]},
    }


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_faults_stand_at_their_fields(
    browser: Browser, operator: Caller, theme: Literal["dark", "light"], width: int
) -> None:
    """Each fault of a 422 is shown at its field, also in a list or in a folded part; axe finds nothing."""
    page = await browser.new_page(viewport={"width": width, "height": 1000}, color_scheme=theme)
    await log_in(page, operator)
    faults = [
        {"name": "port", "found": "99999", "expected": "at most 65535"},
        {"name": "thresholds[0].name", "found": "nothing", "expected": "a name"},
        {"name": "targets[1]", "found": "x", "expected": "an address"},
        {"name": "elsewhere", "found": "x", "expected": "y"},
    ]
    error = {"code": "invalid", "message": "wrong in this request", "details": faults}
    body = json.dumps({"success": False, "error": error})
    await page.route("**/bulk/acknowledge", lambda route: route.fulfill(status=422, body=body))
    await show(page, Sample, {"host": "a", "password": "(secret)", "thresholds": [{}], "targets": ["a", "x"]})
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[aria-invalid=true]:focus")).to_have_count(1)
    await expect(page.get_by_label("Port", exact=True)).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Port", exact=True)).to_be_visible()
    await expect(page.locator("#section")).to_contain_text("line 2: expected an address, found x")
    await expect(page.get_by_role("group", name="Thresholds 1")).to_contain_text("expected a name")
    await expect(page.locator(".form-fault")).to_contain_text("elsewhere: expected y, found x")
    assert await violations(page) == []
    await show(page, EmailConfig, {"host": "mail.example.net", "from": "noc@example.net"})
    assert await violations(page) == []


async def test_a_chart_has_its_numbers_in_a_table(page: Page) -> None:
    """Columns are drawn, values of the pointed time are shown, and the table has them all."""
    await page.evaluate(CHARTS)
    assert await violations(page) == []
    await page.locator(".columns .column").nth(1).locator(".part").first.hover()
    await expect(page.locator(".chart-head .marked")).to_have_text("01:00: 8 alerts (1 critical, 7 major)")
    await page.get_by_role("button", name="Table").click()
    await expect(page.get_by_role("region", name="Alerts, table").locator("tbody tr")).to_have_count(24)
    assert await violations(page) == []
