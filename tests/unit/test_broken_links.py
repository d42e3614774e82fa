"""Links that are no URLs, in what other systems answer, are faults of those systems and not ours."""

import pytest

from connectors.netbox.client import Session
from connectors.netbox.config import NetboxConfig
from connectors.netbox.failures import translated
from connectors.prtg.answer import Blot, PrtgAnswer, refusal_in
from connectors.prtg.config import PrtgConfig
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import Rejected

TOKEN = "t" * 40


@pytest.mark.parametrize("location", ["http://[bad/", "//[", f"http://[?apitoken={TOKEN}"])
def test_prtg_redirects_to_what_is_no_url(location: str) -> None:
    """It is a refusal that says so, and shows no secret."""
    config = PrtgConfig.model_validate({"url": "https://prtg.example", "api_token": TOKEN})
    answer = PrtgAnswer(status=302, headers={"Location": location}, body=b"")
    refusal = refusal_in(answer, config.place, Blot(config), is_order=True)
    assert isinstance(refusal, Rejected)
    assert "invalid address" in str(refusal)
    assert TOKEN not in str(refusal)


def test_netbox_names_a_next_page_that_is_no_url() -> None:
    """It is not what a NetBox answers."""
    config = NetboxConfig.model_validate({"url": "https://netbox.example", "token": TOKEN})
    with pytest.raises(Rejected, match="not NetBox's"), translated(config.place):
        Session(config, Destinations()).get("http://[bad/api/?offset=50")
