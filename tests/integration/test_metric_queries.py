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
