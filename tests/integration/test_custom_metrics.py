"""Declared (custom) metrics on a real server: their range, their right, and what is known of them when things go wrong."""

import contextlib
import http.client
import json
import random
import subprocess
import threading
import time

import pytest

from harness import PROGRAM, TOKEN, Server, psql, wait_until
from postgres_server import Postgres

READING = ["metrics:read", "logs:read"]


def declare(server, **metric):
    answer = server.request("POST", "/api/v1/custom-metrics", metric)
    assert answer.status == 201, answer
    return answer.json()


def remove(server, declaration):
    assert server.request("DELETE", f"/api/v1/custom-metrics/{declaration['id']}").status == 204


@contextlib.contextmanager
def declared(server, **metric):
    made = declare(server, **metric)
    try:
        yield made
    finally:
        remove(server, made)


def make_token(server, *grants):
    answer = server.request("POST", "/api/v1/tokens", {"name": "of a test", "grants": list(grants)})
    assert answer.status == 201, answer
    return answer.json()["token"]


def send(server, points, token=TOKEN, query=""):
    return server.send(points, path="/api/v1/metrics" + query, token=token)


def names(server, token=TOKEN, **parameters):
    query = "&".join(f"{k}={v}" for k, v in parameters.items())
    answer = server.request("GET", f"/api/v1/metrics?{query}", token=token)
    assert answer.status == 200, answer
    return {metric["name"]: metric for metric in answer.json()["metrics"]}


# --- the range --------------------------------------------------------------------------------------------------------


def test_a_sample_outside_its_range_is_refused_by_name_and_all_else_is_taken(server):
    with declared(server, deployment="range", name="orders.open", unit="orders", min=0, max=100):
        answer = send(server, [{"deployment": "range", "source": "till", "metrics": {"orders.open": 7, "cpu.usage": 1}},
                               {"deployment": "range", "source": "till", "metrics": {"orders.open": 101, "cpu.usage": 2}},
                               {"deployment": "range", "source": "till", "name": "orders.open", "value": -0.5},
                               {"deployment": "elsewhere", "source": "till", "name": "orders.open", "value": -0.5}]).json()
        assert (answer["accepted"], answer["rejected"], answer["rejected_samples"]) == (3, 1, 2), answer
        for told, index in ((answer["sample_errors"], 1), (answer["errors"], 2)):
            assert [(error["index"], error["field"], error["code"]) for error in told] == [(index, "metrics.orders.open", "invalid_value")], answer
            assert "from 0 to 100" in told[0]["message"]
        latest = server.get("/api/v1/metrics/latest", names="orders.open,cpu.usage", deployment="range").json()["metrics"]
        assert [point[1] for point in latest["orders.open"][0]["points"]] == [7]
        assert sorted(point[1] for point in latest["cpu.usage"][0]["points"]) == [1, 2]
        alone = send(server, [{"deployment": "range", "source": "till", "name": "orders.open", "value": 1000}])
        assert alone.status == 422 and alone.json()["errors"][0]["field"] == "metrics.orders.open", alone
        strict = send(server, [{"deployment": "range", "source": "till", "metrics": {"orders.open": 101, "cpu.usage": 3}}], query="?strict=1")
        assert strict.status == 422, strict
        shown = send(server, [{"deployment": "range", "source": "till", "metrics": {"orders.open": 101, "cpu.usage": 3}}], query="?debug=1")
        assert shown.status == 200 and "rejected_samples" in shown.text, shown
    assert send(server, [{"deployment": "range", "source": "till", "name": "orders.open", "value": 1000}]).json()["accepted"] == 1, "removed, it is a plain metric"


def test_what_is_no_number_never_gets_in_and_is_told_as_before(server):
    with declared(server, deployment="nan", name="temp.*", min=-50, max=60):
        answer = server.request("POST", "/api/v1/metrics", '{"deployment":"nan","metrics":{"temp.attic":"NaN","temp.cellar":1e999,"temp.hall":20}}')
        assert answer.status == 200 and answer.json()["accepted"] == 1, answer
        assert sorted(names(server, deployment="nan")) == ["temp.hall"]


def test_names_with_dots_slashes_stars_and_letters_of_all_scripts(server):
    for name in ("größe.länge", "http/requests:rate5m", "温度", "a.b\\*c", "x y", "q?"):
        with declared(server, deployment="script", name=name, max=1, description="☃") as made:
            there = server.request("GET", f"/api/v1/custom-metrics/{made['id']}").json()
            assert (there["name"], there["max"], there["min"], there["description"]) == (name, 1, None, "☃")
            sent = name.replace("\\", "").replace("?", "!")
            assert send(server, [{"deployment": "script", "name": sent, "value": 2}]).status == 422, name
            assert send(server, [{"deployment": "script", "name": sent, "value": 1}]).json()["accepted"] == 1, name


@pytest.mark.parametrize("body,field", [
    ({}, "name"), ({"name": ""}, "name"), ({"name": "x" * 201}, "name"), ({"name": "a\nb"}, "name"), ({"name": "x", "deployment": "a b"}, "deployment"),
    ({"name": "x", "min": 2, "max": 1}, "max"), ({"name": "x", "min": "NaN"}, "min"), ({"name": "x", "max": "Infinity"}, "max"), ({"name": "x", "min": True}, "min"),
    ({"name": "x", "unit": "u" * 33}, "unit"), ({"name": "x", "range": [1, 2]}, "range"), ({"metrics": []}, "metrics"), ({"metrics": [{"name": "a"}, {"unit": "s"}]}, "metrics[1].name")])
def test_a_declaration_that_makes_no_sense_is_refused_by_name(server, body, field):
    answer = server.request("POST", "/api/v1/custom-metrics", body)
    assert answer.status == 400 and answer.json()["error"]["field"] == field, answer


def test_a_bound_that_no_number_can_be_is_no_json(server):
    assert server.request("POST", "/api/v1/custom-metrics", '{"name": "x", "max": 1e999}').status == 400
    assert server.request("POST", "/api/v1/custom-metrics", '{"name": "x", "max": NaN}').status == 400


def test_which_of_several_declarations_counts_is_told(server):
    made = [declare(server, **metric) for metric in ({"name": "w.*"}, {"name": "w.one"}, {"name": "w.*", "deployment": "which"}, {"name": "w.o*", "deployment": "which", "max": 5})]
    listed = server.get("/api/v1/custom-metrics", deployment="which", metric="w.one").json()["metrics"]
    assert [one["id"] for one in listed if one["counts"]] == [made[3]["id"]] and len(listed) == 4
    assert send(server, [{"deployment": "which", "name": "w.one", "value": 6}]).status == 422
    again = server.request("POST", "/api/v1/custom-metrics", {"name": "w.one"})
    assert again.status == 409 and str(made[1]["id"]) in again.text
    for one in made:
        remove(server, one)


def test_a_declaration_is_changed_in_part_or_as_a_whole_and_renamed(server):
    made = declare(server, deployment="edit", name="edit.one", unit="s", min=0, max=5)
    path = f"/api/v1/custom-metrics/{made['id']}"
    patched = server.request("PATCH", path, {"max": None, "unit": "ms"}).json()
    assert (patched["min"], patched["max"], patched["unit"], patched["name"]) == (0, None, "ms", "edit.one")
    renamed = server.request("PATCH", path, {"name": "edit.two"}).json()
    assert renamed["name"] == "edit.two" and renamed["min"] == 0
    assert send(server, [{"deployment": "edit", "name": "edit.one", "value": -1}]).json()["accepted"] == 1, "the name before is plain"
    assert send(server, [{"deployment": "edit", "name": "edit.two", "value": -1}]).status == 422
    whole = server.request("PUT", path, {"name": "edit.two", "deployment": "edit"}).json()
    assert (whole["min"], whole["unit"]) == (None, "")
    assert server.request("PUT", path, {"unit": "s"}).status == 400
    remove(server, made)
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("PATCH", {"unit": "x"}), ("DELETE", None)):
        assert server.request(method, path, body).status == 404, method
    actions = [entry["action"] for entry in server.get("/api/v1/audit", action="custom_metric", limit=5).json()["entries"]]
    assert actions == ["custom_metric.remove", "custom_metric.change", "custom_metric.change", "custom_metric.change", "custom_metric.declare"]
    assert server.get("/api/v1/audit/verify").json()["intact"]


def test_thousands_of_declarations_are_made_at_once_and_slow_nobody_down(server):
    many = [{"deployment": "many", "name": f"device.{i}.*", "max": 10} for i in range(3000)]
    for part in (many[:1500], many[1500:]):
        assert server.request("POST", "/api/v1/custom-metrics", {"metrics": part}).status == 201
    answer = send(server, [{"deployment": "many", "source": f"s{i}", "metrics": {f"device.{i}.temp": 9 + i % 2 * 2}} for i in range(2000)]).json()
    assert (answer["accepted"], answer["rejected"]) == (1000, 1000), (answer["accepted"], answer["rejected"])
    psql(server, "DELETE FROM custom_metric WHERE deployment = 'many'; UPDATE identity_version SET version = version + 1")
    wait_until(lambda: send(server, [{"deployment": "many", "name": "device.1.temp", "value": 11}]).status == 200, 10, "a change that another server made")


# --- the right --------------------------------------------------------------------------------------------------------


def without(document, *members):
    """A document without these members, wherever they are in it."""
    if isinstance(document, list):
        return [without(one, *members) for one in document]
    if isinstance(document, dict):
        return {name: without(one, *members) for name, one in document.items() if name not in members}
    return document


def seen(server, token, now):
    """Every answer about metrics that the token gets, without what a question cost."""
    begin, end = int(now) - 3600, int(now) + 60
    asked = ["/api/v1/metrics?deployment=hide", "/api/v1/metrics/series?deployment=hide", "/api/v1/metrics/series?deployment=hide&limit=1", "/api/v1/overview?from=now-1h&deployment=hide&names=orders.open,cpu.usage"]
    asked += [f"/api/v1/metrics/latest?deployment=hide&names={name}" for name in ("orders.open", "orders.lost", "no.such", "cpu.usage")]
    asked += [f"/api/v1/metrics/query?deployment=hide&name={name}&from={begin}&to={end}&agg=count{by}" for name in ("orders.open", "no.such", "cpu.usage") for by in ("", "&by=", "&by=till")]
    answers = {}
    for path in asked:
        answer = server.request("GET", path, token=token)
        document = without(answer.json(), "stats", "from", "to", "buckets")
        answers[path] = (answer.status, json.dumps(document, sort_keys=True))
    return answers


def test_who_may_not_read_declared_metrics_gets_the_answers_of_a_server_without_them(server):
    plain = make_token(server, {"deployment": "hide", "rights": READING})
    everything = make_token(server, {"deployment": "hide", "rights": [*READING, "custom_metrics:read"]})
    some = make_token(server, {"deployment": "hide", "rights": ["custom_metrics:read"], "custom_metrics": ["orders.o*"]})
    now = time.time()
    send(server, [{"timestamp": now, "deployment": "hide", "source": "a", "labels": {"till": "1"}, "metrics": {"cpu.usage": 1}}])
    expected = seen(server, plain, now)
    # Of the same points, of a source of their own and with a label of their own.
    send(server, [{"timestamp": now, "deployment": "hide", "source": "a", "labels": {"till": "1"}, "metrics": {"orders.open": 3}},
                  {"timestamp": now, "deployment": "hide", "source": "hidden", "labels": {"secret": "yes"}, "metrics": {"orders.open": 3, "orders.lost": 1}}])
    assert sorted(names(server, plain)) == ["cpu.usage", "orders.lost", "orders.open"], "as long as nothing is declared"
    for stored in (False, True):
        if stored:
            server.wait_stored()
        with declared(server, deployment="hide", name="orders.*", unit="orders", description="Secret"):
            assert seen(server, plain, now) == expected, "stored before it was declared, and hidden all the same"
            assert sorted(names(server, everything)) == ["cpu.usage", "orders.lost", "orders.open"]
            assert sorted(names(server, some)) == ["orders.open"]
            assert names(server, everything)["orders.open"]["unit"] == "orders" and names(server, everything)["orders.open"]["custom"]
            assert "orders.lost" not in server.request("GET", "/api/v1/metrics/series", token=some).text
            assert server.request("GET", "/api/v1/metrics/query?name=orders.open&from=now-1h", token=some).json()["series_total"] == 2
        assert sorted(names(server, plain)) == ["cpu.usage", "orders.lost", "orders.open"], "and shown again when it is removed"


def test_only_an_administrator_sees_or_changes_what_is_declared(server):
    with declared(server, deployment="admin", name="secret.metric") as made:
        for rights in (["deployment:read", "metrics:read", "custom_metrics:read", "logs:read", "logs:delete", "ingest"],):
            token = make_token(server, {"deployment": "*", "rights": rights})
            for method, path in (("GET", "/api/v1/custom-metrics"), ("POST", "/api/v1/custom-metrics"), ("GET", f"/api/v1/custom-metrics/{made['id']}"),
                                 ("PUT", f"/api/v1/custom-metrics/{made['id']}"), ("PATCH", f"/api/v1/custom-metrics/{made['id']}"),
                                 ("DELETE", f"/api/v1/custom-metrics/{made['id']}"), ("PATCH", "/api/v1/deployments/admin")):
                assert server.request(method, path, {} if method in ("POST", "PUT", "PATCH") else None, token=token).status == 403, (method, path)


# --- metrics that are not declared ------------------------------------------------------------------------------------


def test_metrics_that_are_not_declared_are_taken_or_refused_as_the_deployment_says(server):
    def say(deployment, what):
        answer = server.request("PATCH", f"/api/v1/deployments/{deployment}", {"undeclared_metrics": what})
        assert answer.status == 200, answer
        return answer.json()

    with declared(server, deployment="closed", name="load.*"):
        assert say("closed", "refused") == {"name": "closed", "undeclared_metrics": "refused", "undeclared_metrics_set": True}
        answer = send(server, [{"deployment": "closed", "metrics": {"load.one": 1, "cpu.usage": 1}}]).json()
        assert (answer["accepted"], answer["rejected_samples"], answer["sample_errors"][0]["code"], answer["sample_errors"][0]["field"]) == (1, 1, "invalid_name", "metrics.cpu.usage")
        assert server.send([{"deployment": "closed", "message": "logs are no metrics"}]).status == 200
        assert send(server, [{"deployment": "open", "metrics": {"cpu.usage": 1}}]).json()["accepted"] == 1
        assert say("*", "refused")["undeclared_metrics"] == "refused"
        assert send(server, [{"deployment": "open", "metrics": {"cpu.usage": 1}}]).status == 422
        say("open", "taken")
        assert send(server, [{"deployment": "open", "metrics": {"cpu.usage": 1}}]).status == 200
        for one in ("closed", "open", "*"):
            say(one, None)
        assert send(server, [{"deployment": "closed", "metrics": {"cpu.usage": 1}}]).status == 200
    for wrong in ({}, {"undeclared_metrics": "maybe"}, {"undeclared_metrics": 1}, {"other": "taken"}):
        assert server.request("PATCH", "/api/v1/deployments/closed", wrong).status == 400, wrong


# --- when things go wrong ---------------------------------------------------------------------------------------------


def test_what_is_declared_is_known_while_postgres_is_away_and_after_a_start_without_it():
    out_of_range = [{"deployment": "shop", "source": "a", "metrics": {"orders.open": -1}}]
    with Postgres() as postgres, Server(options=["--database.url", postgres.url(postgres.new_database())]) as server:
        declare(server, deployment="shop", name="orders.*", min=0)
        plain = make_token(server, {"deployment": "shop", "rights": [*READING, "ingest"]})
        send(server, [{"deployment": "shop", "source": "a", "metrics": {"orders.open": 1, "cpu.usage": 1}}])
        kept = server.data_dir / "known-identities"
        wait_until(lambda: kept.exists() and b"orders.*" in kept.read_bytes(), 20, "the file of what is known")
        postgres.halt()
        wait_until(lambda: "away" in server.get("/ready").text, 30, "the server to see that the database is away")
        assert send(server, out_of_range, token=plain).status == 422
        assert sorted(names(server, plain)) == ["cpu.usage"]
        refused = server.request("POST", "/api/v1/custom-metrics", {"name": "other"})
        assert refused.status == 503, refused
        server.kill()
        server.start(wait_ready=False)
        assert send(server, out_of_range, token=plain).status == 422, "a server that starts without the database knows it from its last run"
        assert send(server, [{"deployment": "shop", "source": "a", "metrics": {"cpu.usage": 2}}], token=plain).status == 200
        postgres.go_on()
        server.wait_ready()
        wait_until(lambda: server.request("POST", "/api/v1/custom-metrics", {"name": "other"}).status == 201, 30, "the database to be back")
        assert send(server, out_of_range, token=plain).status == 422


def test_kill_9_in_the_middle_of_declarations_leaves_whole_ones():
    """What was answered is there and counts, what was not is there whole or not at all, and the audit log tells of each exactly once."""
    with Server() as server:
        for turn in range(2):
            answered, tried = set(), set()
            stop = threading.Event()

            def change(turn=turn, answered=answered, tried=tried, stop=stop):
                connection = server.connect()
                for i in range(10_000):
                    if stop.is_set():
                        return
                    several = [f"m{turn}.{i}.{k}" for k in range(3)]
                    tried.update(several)
                    body = {"metrics": [{"deployment": "kill", "name": name, "max": 1} for name in several]}
                    try:
                        if server.request("POST", "/api/v1/custom-metrics", body, connection=connection).status == 201:
                            answered.update(several)
                    except (OSError, http.client.HTTPException):
                        return

            worker = threading.Thread(target=change)
            worker.start()
            wait_until(lambda: len(answered) >= 15 + random.randrange(20), 30, "some declarations")
            server.kill()
            stop.set()
            worker.join()
            server.start()
            wait_until(lambda: server.get("/api/v1/custom-metrics").status == 200, 30, "what is declared")
            there = {metric["name"] for metric in server.get("/api/v1/custom-metrics").json()["metrics"] if metric["name"].startswith(f"m{turn}.")}
            assert answered <= there <= tried and len(there) % 3 == 0
            told = [entry["object"] for entry in server.get("/api/v1/audit", action="custom_metric.declare", limit=1000).json()["entries"]
                    if entry["object"].startswith(f"metric:m{turn}.")]
            assert sorted(told) == sorted(f"metric:{name}" for name in there)
            assert server.get("/api/v1/audit/verify").json()["intact"]
            refused = send(server, [{"deployment": "kill", "metrics": {name: 2}} for name in sorted(there)])
            assert refused.status == 422 and refused.json()["rejected"] == len(there)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_works_with_and_without_a_server(fresh):
    def run(*arguments, code=0):
        done = subprocess.run([str(PROGRAM), "metric", *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    at = ["--data-dir", str(fresh.data_dir)]
    run("declare", "orders.open", "--deployment", "shop", "--unit", "orders", "--min", "0", *at)
    wait_until(lambda: send(fresh, [{"deployment": "shop", "name": "orders.open", "value": -1}]).status == 422, 10, "the server to see the change")
    run("declare", "orders.open", "--deployment", "shop", "--unit", "orders", "--max", "10", "--url", f"http://127.0.0.1:{fresh.port}", "--token", TOKEN)
    assert send(fresh, [{"deployment": "shop", "name": "orders.open", "value": -1}]).status == 200, "what is declared again is put in place of what was"
    listed = run("list", *at)
    assert "orders.open" in listed and "shop" in listed and "10" in listed
    number = next(line.split()[0] for line in listed.splitlines() if "orders.open" in line)
    assert "name" in run("declare", "", *at, code=1)
    assert fresh.stop() == 0
    run("remove", number, *at)
    assert "orders.open" not in run("list", *at)
    assert run("remove", number, *at, code=1)
