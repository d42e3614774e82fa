"""Datasets through the API: uploaded in parts, read, analysed, exported, shared, deleted."""

import csv
import io
from typing import Any

from aiohttp import ClientSession

from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.keys import NewKey, add_key, create_key
from tests.support.api.accounts import rows as listed
from tests.support.api.api_stage import Caller, Stage
from tests.support.api.dataset_stage import (
    BINARY,
    analysed,
    ended_analysis,
    jobs_running,
    new_dataset,
    read_dataset,
    send_file,
)
from tests.support.series.planted import FAULTS, planted_csv

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_planted_faults_are_found_and_explained(stage: Stage, operator: Caller, viewer: Caller) -> None:
    """A file sent in two parts becomes rows, columns, anomalies with the right features, and a picture."""
    content = planted_csv()
    async with jobs_running(stage):
        dataset = await new_dataset(operator, tags=["pump"])
        begun = await operator.post(
            "/uploads", {"dataset": dataset, "filename": "a.csv", "size": len(content)}
        )
        place, half = f"/uploads/{begun.data['id']}", len(content) // 2
        await operator.ask("PUT", place, data=content[:half], headers=BINARY)
        wrong = await operator.ask("PUT", place, data=content[half:], headers=BINARY)
        assert (wrong.status, wrong.error["code"]) == (409, "wrong_offset")
        assert (await operator.get(place)).data["received"] == half
        done = await operator.ask("PUT", f"{place}?offset={half}", data=content[half:], headers=BINARY)
        assert done.data["status"] == "received"
        found = await read_dataset(operator, dataset)
        assert (found["rows"], found["fault_total"], found["columns"][0]["kind"]) == (2_000, 0, "time")
        analysis = await analysed(operator, dataset)
        assert analysis["status"] == "completed", analysis
        rows = listed(await operator.get(f"/analyses/{analysis['id']}/rows?per_page=500"))
        blamed = {row["row_number"] - 1: [each["name"] for each in row["features"]] for row in rows}
        for fault in FAULTS:
            seen = [at for at in range(fault.first, fault.first + fault.rows) if at in blamed]
            assert len(seen) >= 0.9 * fault.rows
            wanted = {f"f_{feature}" for feature in fault.shifts}
            right = sum(set(blamed[at][: len(wanted)]) == wanted for at in seen)
            assert right >= 0.8 * len(seen)
        planted = sum(fault.rows for fault in FAULTS)
        assert analysis["results"]["anomalous"] < planted + 0.02 * 1_000
        assert rows[0]["occurred_at"].startswith("2026-03-01T00:2")
        await _anomalies_of(stage, operator, viewer, analysis["id"])
        picture = (await operator.get(f"/analyses/{analysis['id']}/projection")).data
        assert len(picture["row"]) == len(picture["x"]) == 2_000
        async with operator.http.get(
            f"{operator.url}/api/v1/analyses/{analysis['id']}/projection?format=png",
            headers={"Authorization": f"Bearer {operator.key}"},
        ) as answered:
            assert (await answered.read()).startswith(b"\x89PNG")
        async with operator.http.get(
            f"{operator.url}/api/v1/analyses/{analysis['id']}/rows?format=csv&level=all",
            headers={"Authorization": f"Bearer {operator.key}"},
        ) as answered:
            table = list(csv.DictReader(io.StringIO(await answered.text())))
        assert (len(table), table[1305]["level"], table[0]["part"]) == (2_000, "anomalous", "baseline")
        again = await operator.post(
            f"/analyses/{analysis['id']}/rerun", {"excluded": ["f_7"], "baseline": {"rows": 900}}
        )
        second = await ended_analysis(operator, again.data["id"])
        assert (second["config"]["excluded"], second["results"]["baseline_rows"]) == (["f_7"], 900)
        assert second["results"]["features"] == 49
        assert (await viewer.get(f"/datasets/{dataset}")).status == 404
        assert (await operator.ask("DELETE", f"/datasets/{dataset}")).status == 200
        assert await stage.pool.fetchval("SELECT count(*) FROM anomalies") == 0
        assert stage.datasets.files.names() == frozenset()
        actions = await stage.pool.fetch(
            "SELECT DISTINCT action FROM audit_log WHERE action ~ '^(data|up|ana)'"
        )
        assert {row["action"] for row in actions} == {
            "dataset.create", "dataset.change", "upload.begin", "upload.complete", "analysis.create",
            "dataset.delete",
        }  # fmt: skip


async def _anomalies_of(stage: Stage, operator: Caller, viewer: Caller, analysis: str) -> None:
    """Check that runs of rows are anomalies of the owner, and of others once the dataset is shared."""
    found = listed(await operator.get(f"/anomalies?analysis={analysis}"))
    for fault in FAULTS:
        wanted = {f"f_{feature}" for feature in fault.shifts}
        rows = range(fault.first, fault.first + fault.rows + 1)
        runs = [each for each in found if each["metric"] in wanted and _first_row(each) in rows]
        assert runs, (fault, found)
    first = found[0]
    assert (first["dataset_name"], first["algorithm_used"], first["is_admitted"]) == (
        "plant",
        "t2_spe",
        False,
    )
    assert first["distance"] == max(each["distance"] for each in found)
    place = f"/anomalies/{first['id']}"
    sentences = (await operator.get(place)).data["explanation"]["sentences"]
    assert "unlike the baseline" in sentences[0]
    assert "was expected" in sentences[2]
    assert (await viewer.get("/anomalies")).data == []
    assert (await viewer.get(place)).status == 404
    assert (await operator.get("/anomalies?source=series")).data == []
    assert (await operator.get("/anomalies/digest")).data["total"] == 0
    judged = await operator.post(f"{place}/feedback", {"is_true_positive": False, "notes": "a test run"})
    assert (judged.status, judged.data["status"]) == (200, "false_positive")
    dataset = f"/datasets/{first['dataset_id']}"
    await operator.ask("PATCH", dataset, json={"is_shared": True})
    assert (await viewer.get(place)).data["feedback"][0]["notes"] == "a test run"
    assert len(listed(await viewer.get("/anomalies?search=plant"))) == len(found)
    key = await add_key(stage.pool, NewKey(name="alerts only", scopes=("alerts:read",)), DAEMON)
    blind = Caller(operator.http, operator.url, key)
    assert (await blind.get("/anomalies")).data == []
    assert (await blind.get(place)).status == 404
    await operator.ask("PATCH", dataset, json={"is_shared": False})


def _first_row(anomaly: dict[str, Any]) -> int:
    return int(anomaly["resource"].split()[1].replace(",", ""))


async def test_datasets_are_their_owners_until_they_are_shared(
    stage: Stage, operator: Caller, viewer: Caller, http: ClientSession
) -> None:
    """Others see a shared dataset and its analyses, and change neither; administrators see all."""
    other = Caller(http, operator.url, await create_key(stage.pool, name="anna", role="operator"))
    chief = Caller(http, operator.url, await create_key(stage.pool, name="chief", role="admin"))
    dataset = await new_dataset(operator)
    place = f"/datasets/{dataset}"
    assert (await other.get(place)).status == (await viewer.get(place)).status == 404
    assert (await other.get("/datasets")).data == []
    assert (await chief.get(place)).data["is_own"] is True
    assert (await viewer.post("/datasets", {"name": "x"})).status == 403
    await operator.ask("PATCH", place, json={"is_shared": True})
    assert (await viewer.get(place)).data["is_own"] is False
    assert [each["id"] for each in listed(await other.get("/datasets?search=plant"))] == [dataset]
    assert (await other.ask("DELETE", place)).status == 403
    assert (await other.ask("PATCH", place, json={"name": "mine"})).status == 403
    body = {"dataset": dataset, "filename": "a.csv", "size": 10}
    assert (await other.post("/uploads", body)).status == 403
    refused = await other.post("/analyses", {"dataset": dataset})
    assert (refused.status, refused.error["code"]) == (409, "nothing_read")


async def test_hostile_files_are_refused_with_line_and_column(stage: Stage, operator: Caller) -> None:
    """An unreadable file is refused with reason and place; invalid cells are listed and left out."""
    cases = {
        "NUL byte": b"a,b\n1,2\n3,\x004\n",
        "ZIP archive": b"PK\x03\x04" + bytes(100),
        "100,000 columns": (",".join(f"c{at}" for at in range(100_000)) + "\n").encode(),
        "is a quote on this line not closed": b'a,b\n1,"' + b"2\n" * 100_000,
        "no column of numbers": b"a,b\nx,y\nz,w\n",
    }
    async with jobs_running(stage):
        for message, content in cases.items():
            dataset = await new_dataset(operator, message)
            await send_file(operator, dataset, content, "hostile.csv")
            found = await read_dataset(operator, dataset)
            assert message in found["job"]["error_message"], found["job"]
            assert found["uploads"][0]["status"] == "failed"
        rows = b"".join(b"%d,=1+%d\n" % (at, at) if at == 3 else b"%d,%d\n" % (at, at) for at in range(100))
        dataset = await new_dataset(operator)
        await send_file(operator, dataset, b"a,b\n" + rows + b"1,2,3\n")
        found = await read_dataset(operator, dataset)
        assert found["faults"] == [
            {"file": "plant.csv", "line": 5, "column": "b", "found": "=1+3", "expected": "a number"},
            {"file": "plant.csv", "line": 102, "column": "cell 3", "found": "3 cells", "expected": "2 cells"},
        ]
        failed = await analysed(operator, dataset, baseline={"rows": 5})
        assert "the baseline has 5 rows, 20 are needed" in failed["error_message"]


async def test_an_analysis_is_cancelled_and_one_that_was_begun_begins_anew(
    stage: Stage, operator: Caller
) -> None:
    """A cancelled job ends; one that a killed daemon left behind is done by the next."""
    async with jobs_running(stage):
        dataset = await new_dataset(operator)
        await send_file(operator, dataset, planted_csv(400, faults=()))
        await read_dataset(operator, dataset)
    waiting = await operator.post("/analyses", {"dataset": dataset})
    cancelled = await operator.post(f"/analyses/{waiting.data['id']}/cancel")
    assert cancelled.data["status"] == "cancelled"
    assert (await operator.post(f"/analyses/{waiting.data['id']}/cancel")).status == 409
    left = await operator.post(f"/analyses/{waiting.data['id']}/rerun")
    await stage.pool.execute("UPDATE batch_jobs SET status = 'processing' WHERE status = 'waiting'")
    async with jobs_running(stage):
        assert (await ended_analysis(operator, left.data["id"]))["status"] == "completed"


async def test_a_file_for_which_there_is_no_room_is_refused_before_it_is_sent(operator: Caller) -> None:
    """Too large, or more than was announced."""
    dataset = await new_dataset(operator)
    body = {"dataset": dataset, "filename": "a.csv", "size": 2 * 1024**3}
    refused = await operator.post("/uploads", body)
    assert (refused.status, "datasets.upload_bytes" in str(refused.error["details"])) == (422, True)
    begun = await operator.post("/uploads", {**body, "size": 3})
    place = f"/uploads/{begun.data['id']}"
    over = await operator.ask("PUT", place, data=b"a,b\n1,2\n", headers=BINARY)
    assert over.error["code"] == "too_long"
