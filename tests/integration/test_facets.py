"""What the page shows at its side, and the addresses that people type, against the real server."""

import random

from harness import Server


def test_ranges_of_a_numeric_field_count_what_a_comparison_finds(server):
    numbers = random.Random(7)
    values = [round(numbers.lognormvariate(3, 1.6), 3) for _ in range(6000)]
    for part in range(0, len(values), 1000):
        server.send([{"deployment": "ranges", "message": "x", "fields": {"took_ms": value, "text": "12"}} for value in values[part:part + 1000]])
    answer = server.get("/api/v1/logs/facets", field="took_ms", deployment="ranges", limit=10).json()
    found = answer["numbers"]
    assert found["count"] == 6000 and found["min"] == min(values) and found["max"] == max(values)
    exact = sorted(values)
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        assert abs(found[name] - exact[int(share * 5999)]) <= 0.02 * exact[int(share * 5999)]
    assert 4 <= len(found["ranges"]) <= 20 and sum(r["count"] for r in found["ranges"]) == 6000
    for r in found["ranges"]:
        assert r["count"] == sum(1 for v in values if r["from"] <= v and ("to" not in r or v < r["to"]))
    for r in found["ranges"][::3]:
        q = f"took_ms:>={r['from']}" + (f" took_ms:<{r['to']}" if "to" in r else "")
        histogram = server.get("/api/v1/logs/histogram", deployment="ranges", q=q, step="1h").json()
        assert sum(b["total"] for b in histogram["buckets"]) == r["count"], q
    assert "numbers" not in server.get("/api/v1/logs/facets", field="text", deployment="ranges").json(), "digits in text are no numbers"


def test_addresses_of_the_page_lead_to_its_views_with_a_slash_too(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "index.html").write_text("the page")
    with Server(environment={"PENSTOCK_WEB_DIR": str(tmp_path)}) as server:
        assert server.request("GET", "/").text == "the page"
        for path, to in (("/logs/", "/#/logs"), ("/logs", "/#/logs"), ("/overview/", "/#/overview"), ("/system", "/#/system"), ("/metrics/", "/#/metrics"),
                         ("/logs/?q=a%20b&severity=WARN", "/#/logs?q=a%20b&severity=WARN")):
            answer = server.request("GET", path)
            assert answer.status == 302 and answer.headers["location"] == to, (path, answer)
        assert server.request("DELETE", "/logs/").status == 404
        assert server.request("GET", "/metrics").status == 200
        assert server.request("GET", "/healthz/").status == 200
        assert server.request("GET", "/api/v1/logs/").json()["records"] == []
        assert server.request("GET", "/api/v1/logs//").status == 404
        assert server.request("GET", "/logsx/").status == 404
