"""Questions about metrics, and the overview, against the real server."""

import time


def send_points(server, points):
    sent = server.send(points, path="/api/v1/metrics")
    assert sent.status == 200 and sent.json()["rejected"] == 0, sent


def test_one_request_gives_several_aggregates_the_largest_lines_and_what_the_others_span(server):
    now = int(time.time())
    send_points(server, [{"deployment": "tops", "source": f"h{i}", "timestamp": now - 5, "metrics": {"load": i}} for i in range(30)])
    answer = server.get("/api/v1/metrics/query", name="load", deployment="tops", step="1h", agg="avg,min,max", top=3, rank="max").json()
    assert answer["aggs"] == ["avg", "min", "max"] and answer["agg"] == "avg"
    assert [line["labels"]["source"] for line in answer["series"]] == ["h29", "h28", "h27"]
    assert answer["series_total"] == 30
    assert answer["rest"]["series"] == 27
    assert [v for v in answer["rest"]["min"] if v is not None] == [0]
    assert [v for v in answer["rest"]["max"] if v is not None] == [26]
    line = answer["series"][0]
    assert line["rank"] == 29
    assert [v for _, v in line["points"]] == line["aggregates"]["avg"]
    assert set(line["aggregates"]) == {"avg", "min", "max"}


def test_the_overview_is_one_request_for_all_deployments(server):
    for deployment in ("one", "two"):
        server.send([{"deployment": f"over-{deployment}", "source": "web", "severity": s, "message": "x"} for s in ("INFO", "ERROR", "INFO")])
    send_points(server, [{"deployment": "over-one", "source": "web", "metrics": {"cpu.usage": 7}}])
    answer = server.get("/api/v1/overview", names="cpu.usage", n=3).json()
    found = {d["deployment"]: d for d in answer["deployments"]}
    assert found["over-one"]["records"] == 3 and found["over-two"]["counts"] == {"INFO": 2, "ERROR": 1}
    assert found["over-one"]["last"] <= answer["to"]
    assert {s["deployment"] for s in answer["sources"] if s["source"] == "web"} >= {"over-one", "over-two"}
    points = [line["points"] for line in answer["latest"]["metrics"]["cpu.usage"] if line["deployment"] == "over-one"]
    assert points and points[0][-1][1] == 7
    assert sum(b["total"] for b in answer["buckets"]) == sum(d["records"] for d in answer["deployments"])
    narrowed = server.get("/api/v1/overview", deployment="over-two").json()
    assert [d["deployment"] for d in narrowed["deployments"]] == ["over-two"]
    assert "latest" not in narrowed


def test_names_and_labels_with_commas_can_be_asked(server):
    send_points(server, [{"deployment": "commas", "source": "a", "labels": {"city, state": "Austin, TX"}, "metrics": {"rain,mm": 3, "rain": 1}}])
    latest = server.get("/api/v1/metrics/latest", name="rain,mm", deployment="commas").json()["metrics"]
    assert list(latest) == ["rain,mm"] and len(latest["rain,mm"]) == 1
    series = server.get("/api/v1/metrics/series", name="rain,mm", **{"label.city, state": "Austin, TX"}).json()["series"]
    assert [s["name"] for s in series] == ["rain,mm"]
    answer = server.get("/api/v1/metrics/query", name="rain,mm", deployment="commas", by="city\\, state").json()
    assert [line["labels"] for line in answer["series"]] == [{"city, state": "Austin, TX"}]


def test_a_total_over_hosts_does_not_depend_on_the_step_before_and_after_it_is_stored(fresh):
    start = int(time.time()) // 3600 * 3600 - 3600
    send_points(fresh, [{"deployment": "t", "source": f"h{h}", "timestamp": start + t, "metrics": {"ram": 100, "jobs": t}}
                        for h in range(3) for t in range(0, 3600, 60 * (h + 1))])
    for _ in range(2):
        for step in ("15s", "1m", "5m", "1h"):
            asked = {"from": start, "to": start + 3000, "step": step, "by": ""}
            total = fresh.get("/api/v1/metrics/query", name="ram", agg="sum", **asked).json()["series"][0]["points"]
            spread = fresh.get("/api/v1/metrics/query", name="jobs", agg="rate", **asked).json()["series"][0]["points"]
            assert {v for _, v in spread} == {3}, step
            assert {v for _, v in total} == {300}, step
        fresh.wait_stored()


def test_the_list_of_series_is_cut_and_says_so_fresh_and_stored(fresh):
    now = int(time.time())
    send_points(fresh, [{"deployment": "c", "source": f"h{i:02}", "timestamp": now - i % 3 * 86400, "metrics": {"m": 1}} for i in range(12)])
    answers = []
    for _ in range(2):
        answers.append([])
        for params in ({"limit": 5}, {"limit": 50}, {"from": "now-1h"}, {"from": "now-25h", "to": "now-24h"}, {"limit": 2, "from": "now-1h"}):
            answer = fresh.get("/api/v1/metrics/series", **params).json()
            answers[-1].append(([s["labels"]["source"] for s in answer["series"]], answer["truncated"]))
        fresh.wait_stored()
    assert answers[0] == answers[1]
    assert answers[0][0] == (["h00", "h01", "h02", "h03", "h04"], True)
    assert answers[0][1][1] is False and len(answers[0][1][0]) == 12
    assert answers[0][2] == (["h00", "h03", "h06", "h09"], False)


def test_a_query_past_its_time_says_what_to_do(fresh):
    for _ in range(20):
        fresh.send([{"message": f"line {i}"} for i in range(1000)])
    fresh.wait_stored()
    answer = fresh.get("/api/v1/logs", q="/l.*i.*n.*e 7/", limit=1000, timeout="1ms")
    assert answer.status == 503, answer
    assert answer.json()["error"]["field"] == "timeout"
    assert fresh.get("/api/v1/logs", timeout="5s", limit=1).status == 200
    assert fresh.get("/api/v1/logs", timeout="soon").status == 400


def test_every_name_of_our_own_measurements_is_there_once(server):
    names = [line.split()[2] for line in server.get("/metrics").text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    samples = [line.rsplit(" ", 1)[0] for line in server.get("/metrics").text.splitlines() if not line.startswith("#")]
    assert len(samples) == len(set(samples))
