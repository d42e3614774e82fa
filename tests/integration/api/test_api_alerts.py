"""Reading alerts through the API, on the real engine and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from opsconductor.model.enums import Category, Severity
from tests.support.api.api_stage import DOWNSTREAM, FARTHEST, UPSTREAM, Caller, Reply, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures"]


def titles(reply: Reply) -> list[str]:
    """Take the titles of a list."""
    assert isinstance(reply.data, list)
    return [alert["title"] for alert in reply.data]


def found(reply: Reply) -> Any:
    """Return the data, to look into it."""
    return reply.data


async def test_list_shows_every_column_with_times_in_utc(stage: Stage, viewer: Caller) -> None:
    """A reported problem is in the list with its fields; times end in Z."""
    await stage.report(problem())
    reply = await viewer.get("/alerts")
    (alert,) = found(reply)
    assert reply.status == 200
    assert reply.body["meta"] == {
        "page": 1,
        "per_page": 50,
        "total": 1,
        "total_is_exact": True,
        "next_cursor": None,
        "source": "database",
        "database": "connected",
    }
    assert alert["device_ip"] == "10.9.9.9"
    assert alert["status"] == "active"
    assert alert["occurrence_count"] == 1
    assert alert["occurred_at"].endswith("Z")
    assert "raw_data" not in alert


async def test_filters_choose(stage: Stage, viewer: Caller) -> None:
    """Every filter restricts; lists and repeated parameters mean any of them."""
    await stage.report(
        problem("a", device_ip="10.0.1.1", severity=Severity.CRITICAL),
        problem("b", device_ip="10.0.1.2", category=Category.POWER),
        problem("c", device_ip="10.0.1.3", severity=Severity.MINOR, source_system="prtg"),
    )
    for query, expected in {
        "severity=critical": ["a"],
        "severity=critical,minor": ["a", "c"],
        "severity=critical&severity=minor": ["a", "c"],
        "category=power": ["b"],
        "device_ip=10.0.1.1,10.0.1.3": ["a", "c"],
        "source_system=prtg": ["c"],
        "source_system=prtg&severity=critical": [],
        "status=resolved,expired": [],
        "status=active": ["a", "b", "c"],
        "priority=P1": [],
        "from=2099-01-01T00:00:00Z": [],
        "to=2099-01-01T00:00:00Z": ["a", "b", "c"],
        "from=2001-01-01T00:00:00%2B02:00&to=2002-01-01T00:00:00Z": [],
        "correlated_to_id=00000000-0000-4000-8000-000000000000": [],
        "root_id=00000000-0000-4000-8000-000000000000": [],
        "severity=": ["a", "b", "c"],
    }.items():
        reply = await viewer.get(f"/alerts?{query}")
        assert sorted(titles(reply)) == expected, query
        assert reply.body["meta"]["total"] == len(expected), query  # type: ignore[index]


async def test_search_takes_wildcards_literally(stage: Stage, viewer: Caller) -> None:
    """Search finds text where a word begins, in any case; `%`, `_` and backslash are literal."""
    await stage.report(
        problem("100% over", device_ip="10.0.7.1"),
        problem("snake_case", device_ip="10.0.7.2", message="The Message"),
        problem("back\\slash", device_ip="10.0.7.3"),
    )
    for search, expected in {
        "OVER": ["100% over"],
        "100%": ["100% over"],
        "100_": [],
        "snake_c": ["snake_case"],
        "case": ["snake_case"],
        "ase": [],
        "k\\s": [],
        "back\\s": ["back\\slash"],
        "10.0.7.": ["100% over", "back\\slash", "snake_case"],
        "the message": ["snake_case"],
        "' OR 1=1 --": [],
    }.items():
        reply = await viewer.get("/alerts", params={"search": search, "sort": "title"})
        assert titles(reply) == expected, search


async def test_open_alerts_come_by_priority_then_severity_then_the_newest(
    stage: Stage, viewer: Caller
) -> None:
    """Without a wanted order; lists with closed alerts among them begin with the newest instead."""
    now = datetime.now(UTC)
    problems = (
        ("old P1 major", Severity.MAJOR),
        ("P5 critical", Severity.CRITICAL),
        ("P1 critical", Severity.CRITICAL),
        ("new P1 major", Severity.MAJOR),
    )
    for n, (title, severity) in enumerate(problems):
        at = now - timedelta(minutes=10 - n)
        await stage.report(problem(title, device_ip=f"10.0.3.{n}", severity=severity, occurred_at=at))
    await stage.pool.execute("UPDATE alerts SET priority = substring(title FROM 'P[1-5]')")
    await stage.reload_alerts()
    urgent = ["P1 critical", "new P1 major", "old P1 major", "P5 critical"]
    assert titles(await viewer.get("/alerts?status=active,acknowledged")) == urgent
    newest = [title for title, _ in reversed(problems)]
    assert titles(await viewer.get("/alerts")) == newest
    assert titles(await viewer.get("/alerts?status=active,resolved")) == newest


async def test_severity_sorts_by_rank_and_pages_do_not_overlap(stage: Stage, viewer: Caller) -> None:
    """`-severity` begins with critical; pages together hold every alert once."""
    order = [Severity.INFO, Severity.CRITICAL, Severity.WARNING, Severity.MAJOR, Severity.MINOR]
    await stage.report(*(problem(s.value, device_ip=f"10.0.2.{n}", severity=s) for n, s in enumerate(order)))
    pages = [await viewer.get(f"/alerts?sort=-severity,title&per_page=2&page={page}") for page in (1, 2, 3)]
    assert [title for page in pages for title in titles(page)] == [
        "critical",
        "major",
        "minor",
        "warning",
        "info",
    ]
    assert titles(await viewer.get("/alerts?sort=severity&per_page=1")) == ["info"]


async def test_an_id_is_found_by_either_end(stage: Stage, viewer: Caller) -> None:
    """`id` takes the first or the last characters, as the command line needs it."""
    (alert, other) = await stage.report(problem("a"), problem("b", device_ip="10.0.3.1"))
    assert titles(await viewer.get(f"/alerts?id={str(alert.id)[-12:].upper()}")) == ["a"]
    assert titles(await viewer.get(f"/alerts?id={str(other.id)[-12:]}")) == ["b"]
    assert len(titles(await viewer.get(f"/alerts?id={str(alert.id)[:8]}"))) >= 1


async def test_all_faults_of_a_query_are_reported_at_once(viewer: Caller) -> None:
    """A wrong query is answered with every fault: name, value found, value expected."""
    reply = await viewer.get(
        "/alerts?status=actve&per_page=201&page=0&sort=mood&from=yesterday&colour=red&search=a&search=b&id=%zz"
    )
    details = reply.error["details"]
    assert isinstance(details, list)
    assert reply.status == 400
    assert reply.error["code"] == "invalid"
    by_name = {fault["name"]: fault for fault in details}
    assert set(by_name) >= {"status.0", "per_page", "page", "sort.0", "from", "colour", "search", "id"}
    assert by_name["status.0"]["found"] == "actve"
    assert "'acknowledged'" in by_name["status.0"]["expected"]
    assert "2025-01-31T08:00:00Z" in by_name["from"]["expected"]
    assert "per_page" in by_name["colour"]["expected"]


async def test_strange_values_are_refused(viewer: Caller) -> None:
    """Input that PostgreSQL or Python could fail at is a 400, never a 500."""
    for query in (
        "search=%00",
        "device_ip=%00",
        "from=2024-01-01T00:00:00",
        "from=0001-01-01T00:00:00%2B14:00",
        "page=99999999999999999999",
        "page=1e3",
        "per_page=٣",
        "correlated_to_id={not}",
        "root_id=1",
        "search=" + "x" * 256,
    ):
        assert (await viewer.get(f"/alerts?{query}")).status == 400, query


async def test_one_alert_comes_with_history_and_raw_data(stage: Stage, viewer: Caller) -> None:
    """An alert has its history; counters beyond 2^53 keep every digit."""
    (alert,) = await stage.report(problem())
    await stage.report(problem(severity=Severity.CRITICAL))
    reply = await viewer.get(f"/alerts/{alert.id}")
    one = found(reply)
    assert one["severity"] == "critical"
    assert one["raw_data"] == {"counter": 18446744073709551610, "text": "as received"}
    assert one["history"][0]["action"] == "created"
    assert any("severity" in entry["changes"] for entry in one["history"])
    assert one["cause"] is None
    assert one["root"] is None
    assert one["consequences"] == []


async def test_cause_and_consequence_name_each_other(stage: Stage, viewer: Caller) -> None:
    """The suppressed alert names its cause, the cause counts and lists its consequences."""
    cause, effect = await stage.report(
        problem("cause", device_ip=UPSTREAM, is_cutting=True),
        problem("effect", device_ip=DOWNSTREAM, resource=""),
    )
    suppressed = found(await viewer.get(f"/alerts/{effect.id}"))
    assert suppressed["status"] == "suppressed"
    assert suppressed["cause"]["title"] == "cause"
    assert suppressed["root"] == suppressed["cause"]
    root = found(await viewer.get(f"/alerts/{cause.id}"))
    assert root["impacted"] == 1
    assert [one["title"] for one in root["consequences"]] == ["effect"]
    assert titles(await viewer.get(f"/alerts?correlated_to_id={cause.id}")) == ["effect"]
    why = found(await viewer.get(f"/alerts/{effect.id}/why"))
    assert why["cause"]["id"] == str(cause.id)
    assert why["correlation_rule"]


async def test_a_chain_is_reported_from_either_end(stage: Stage, viewer: Caller) -> None:
    """A far consequence names its nearest cause and the root; a cause lists all below, the worst first."""
    root, middle, far, *_ = await stage.report(
        problem("root", device_ip=UPSTREAM, is_cutting=True),
        problem("middle", device_ip=DOWNSTREAM, is_cutting=True),
        problem("far", device_ip=FARTHEST),
        problem("bad", device_ip=FARTHEST, resource="sensor=1", severity=Severity.CRITICAL),
    )
    for path in (f"/alerts/{far.id}", f"/alerts/{far.id}/why"):
        shown = found(await viewer.get(path))
        assert (shown["cause"]["title"], shown["root"]["title"]) == ("middle", "root")
    shown = found(await viewer.get(f"/alerts/{root.id}"))
    assert (shown["cause"], shown["root"], shown["impacted"]) == (None, None, 3)
    causes = {one["title"]: one["correlated_to_id"] for one in shown["consequences"]}
    assert causes == {"middle": str(root.id), "far": str(middle.id), "bad": str(middle.id)}
    assert list(causes).index("bad") < list(causes).index("far")
    for query, expected in {
        f"correlated_to_id={root.id}": ["middle"],
        f"root_id={root.id}": ["bad", "far", "middle"],
        f"root_id={middle.id}": ["bad", "far"],
        f"root_id={root.id}&severity=critical": ["bad"],
        f"root_id={far.id}": [],
    }.items():
        assert titles(await viewer.get(f"/alerts?sort=title&{query}")) == expected, query


async def test_a_circle_of_causes_ends(stage: Stage, viewer: Caller) -> None:
    """In a database with alerts that are their own causes, the nearest cause counts as the root."""
    one, other = await stage.report(problem("one"), problem("other", device_ip="10.9.9.8"))
    for alert, cause in ((one, other), (other, one)):
        await stage.pool.execute(
            "UPDATE alerts SET status = 'suppressed', correlated_to_id = $2 WHERE id = $1", alert.id, cause.id
        )
    await stage.reload_alerts()
    shown = found(await viewer.get(f"/alerts/{one.id}"))
    assert (shown["cause"]["title"], shown["root"]["title"]) == ("other", "other")
    assert sorted(each["title"] for each in shown["consequences"]) == ["one", "other"]


async def test_why_shows_the_verdict_of_every_rule_and_the_deliveries(stage: Stage, viewer: Caller) -> None:
    """`why` shows which rules fired, which did not and for what reason, and the outcome of messages."""
    await stage.use_rule("the bad ones", Severity.CRITICAL)
    notified, quiet = await stage.report(
        problem("notified", severity=Severity.CRITICAL), problem("quiet", device_ip="10.0.4.1")
    )
    why = found(await viewer.get(f"/alerts/{notified.id}/why"))
    (delivery,) = why["deliveries"]
    assert (delivery["channel"], delivery["status"]) == ("noc-mail", "pending")
    assert why["notified"][0]["recipient"] == "noc@example.net"
    (verdict,) = why["decisions"][-1]["changes"]["routing"]
    assert verdict["fired"] is True
    (verdict,) = found(await viewer.get(f"/alerts/{quiet.id}/why"))["decisions"][-1]["changes"]["routing"]
    assert verdict["fired"] is False
    assert "severity" in verdict["reason"]


async def test_why_answers_for_a_person_or_a_rule_in_one_sentence(stage: Stage, viewer: Caller) -> None:
    """`for` takes a recipient, a rule or a channel; without a rule the answer says so."""
    await stage.use_rule("the bad ones", Severity.CRITICAL)
    notified, quiet = await stage.report(
        problem("notified", severity=Severity.CRITICAL), problem("quiet", device_ip="10.0.4.1")
    )

    async def answer(alert: Any, name: str) -> str:
        return str(found(await viewer.get(f"/alerts/{alert.id}/why", params={"for": name}))["answer"])

    assert (await answer(notified, "NOC@example.net")).startswith(
        "NOC@example.net is being notified by rule the bad ones over noc-mail (problem): since 20"
    )
    refused = "rule the bad ones: severity is major, not critical."
    for name in ("noc@example.net", "the bad ones", "noc-mail"):
        assert await answer(quiet, name) == f"{name} was not notified: {refused}"
    assert "no rule has this name, and none names it as a recipient" in await answer(
        quiet, "boss@example.net"
    )


async def test_summary_counts_open_alerts(stage: Stage, viewer: Caller) -> None:
    """The sums hold every severity and open status, zero included."""
    await stage.report(problem("a"), problem("b", device_ip="10.0.5.1", severity=Severity.CRITICAL))
    sums = found(await viewer.get("/alerts/summary"))
    assert sums["status"] == {"active": 2, "acknowledged": 0, "suppressed": 0}
    assert sums["severity"]["critical"] == {"active": 1, "acknowledged": 0, "suppressed": 0}
    assert sums["severity"]["info"]["active"] == 0


async def test_an_unknown_id_is_404_and_an_invalid_one_400(viewer: Caller) -> None:
    """An unknown id is not found; text that is no UUID is a fault of the request."""
    for path in (f"/alerts/{uuid4()}", f"/alerts/{uuid4()}/why"):
        reply = await viewer.get(path)
        assert (reply.status, reply.error["code"]) == (404, "not_found")
    reply = await viewer.get("/alerts/7")
    assert (reply.status, reply.error["code"]) == (400, "invalid")


async def test_hostile_text_comes_back_as_data(stage: Stage, viewer: Caller) -> None:
    """Markup, quotes and emoji are returned unchanged, a bidirectional mark as an escape; it is JSON."""
    title = "<script>alert(1)</script> \"'; DROP TABLE alerts; -- \u202egnp.exe 🔥"
    await stage.report(problem(title))
    reply = await viewer.get("/alerts")
    assert titles(reply) == [title.replace("\u202e", "\\u202e")]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Type"].startswith("application/json")
