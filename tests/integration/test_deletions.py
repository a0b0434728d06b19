"""What became of what was deleted: the receipt, and the bytes themselves."""

import pathlib
import subprocess

import pytest

from harness import PROGRAM, Server, wait_until

FAST = ["--store.deletion_settle", "0", "--store.deletion_interval", "100ms", "--store.flush_interval", "100ms"]


def bytes_of_journal(server):
    return b"".join(path.read_bytes() for path in sorted(pathlib.Path(server.data_dir, "journal").glob("*")) if path.is_file())


def test_a_deletion_tells_when_its_records_have_left_tables_and_journal():
    # Neither sealed nor packed: the test looks for a record in the journal's files.
    with Server(options=[*FAST, "--seal.cipher", "none", "--journal.compress", "off"]) as server:
        server.send([{"deployment": "shop", "message": f"secret {i}"} for i in range(5)] + [{"deployment": "web", "message": "secret too"}])
        server.send([{"deployment": "shop", "message": "stays"}])
        assert b"secret 3" in bytes_of_journal(server)
        answer = server.request("DELETE", "/api/v1/logs?q=secret").json()
        assert answer["deleted"] == 6
        assert sorted((part["deployment"], part["deleted"]) for part in answer["receipts"]) == [("shop", 5), ("web", 1)]
        receipt = next(part["id"] for part in answer["receipts"] if part["deployment"] == "shop")
        wait_until(lambda: server.get(f"/api/v1/deletions/{receipt}").json()["gone"], 60)
        told = server.get(f"/api/v1/deletions/{receipt}").json()
        assert told["deployment"] == "shop" and told["deleted"] == 5 and told["left_tables_at"] and told["backups"] == []
        assert [bool(journal["left_at"]) for journal in told["journals"]] == [True]
        assert [record["message"] for record in server.all_logs()] == ["stays"]
        assert b"secret 3" not in bytes_of_journal(server)
        assert len(server.get("/api/v1/deletions").json()["deletions"]) == 2
        assert [d["id"] for d in server.get("/api/v1/deletions", limit=1).json()["deletions"]] == [max(part["id"] for part in answer["receipts"])]


def test_a_backup_that_was_made_before_is_named(tmp_path):
    with Server(options=FAST) as server:
        server.send([{"deployment": "shop", "message": "secret"}])
        server.wait_stored()
        subprocess.run([PROGRAM, "backup", "--data-dir", server.data_dir, "--out", tmp_path / "copy"], check=True, capture_output=True)
        receipt = server.request("DELETE", "/api/v1/logs?deployment=shop").json()["receipts"][0]["id"]
        wait_until(lambda: server.get(f"/api/v1/deletions/{receipt}").json()["gone"], 60)
        assert [backup["place"] for backup in server.get(f"/api/v1/deletions/{receipt}").json()["backups"]] == [str(tmp_path / "copy")]


@pytest.mark.parametrize("name", ["99999999999", "0", "-1", "x", "99999999999999999999999"])
def test_of_what_was_never_deleted_there_is_no_receipt(server, name):
    answer = server.get(f"/api/v1/deletions/{name}")
    assert answer.status == 404 and answer.json()["error"]["code"] == "not_found"
