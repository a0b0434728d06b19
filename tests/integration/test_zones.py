"""Steps of an hour and more follow the clocks of a zone: compared with Python's zoneinfo, instant by instant."""

import datetime
import random
import zoneinfo

import pytest

from harness import Server

HOUR, DAY = 3600, 86400
ODD = ("America/St_Johns", "America/Goose_Bay", "Canada/Newfoundland", "Asia/Gaza", "Asia/Hebron")  # clocks that changed a minute past
QUARTER = 900
MONDAY = 4 * DAY  # 1970-01-05
UTC = datetime.timezone.utc
# Half a year around each of these clocks change, or do not.
CASES = [("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01"),
         ("Asia/Kathmandu", "2026-10-25"), ("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04"), ("Africa/Cairo", "2026-04-24"),
         ("America/Havana", "2026-11-01"), ("Pacific/Apia", "2011-12-30")]
STEPS = {"1h": HOUR, "2h": 2 * HOUR, "3h": 3 * HOUR, "6h": 6 * HOUR, "12h": 12 * HOUR, "1d": DAY, "2d": 2 * DAY, "7d": 7 * DAY}


@pytest.fixture(scope="module")
def server():
    with Server(options=["--retention.logs", "0", "--retention.metrics", "0", "--store.flush_interval", "200ms"]) as running:
        yield running


def clock(zone, instant):
    """What clocks show, as seconds since the epoch had they stood at UTC."""
    return instant + int(datetime.datetime.fromtimestamp(instant, zone).utcoffset().total_seconds())


def borders(zone, start, end, step):
    """Where the steps begin that cover [start, end), and where the last ends: found by looking at the clock every quarter of an hour."""
    origin = MONDAY if step % (7 * DAY) == 0 else 0
    found, highest = [], None
    at = (start - 3 * step - 2 * DAY) // QUARTER * QUARTER
    while True:
        step_number = (clock(zone, at) - origin) // step
        if highest is None or step_number > highest:
            if highest is not None:
                # An hour that clocks show twice is a step of its own.
                if found and step < DAY and (at - found[-1]) % step == 0:
                    found.extend(range(found[-1] + step, at, step))
                found.append(at)
            highest = step_number
            if found and found[-1] >= end:
                break
        at += 60 if zone.key in ODD else QUARTER
    while len(found) > 1 and found[-2] >= end:
        found.pop()
    while len(found) > 1 and found[1] <= start:
        found.pop(0)
    return found


def rfc3339(instant):
    return datetime.datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def histogram(server, zone, start, end, step, path="/api/v1/logs/histogram", deployment="zones"):
    answer = server.get(path, **{"from": rfc3339(start), "to": rfc3339(end), "step": step, "tz": zone, "deployment": deployment})
    assert answer.status == 200, (zone, start, end, step, answer)
    return answer.json()


@pytest.mark.parametrize("name,day", CASES)
def test_buckets_and_points_are_those_that_clocks_of_the_zone_show(server, name, day):
    zone = zoneinfo.ZoneInfo(name)
    middle = seconds(day + "T12:00:00Z")
    start, end = middle - 4 * DAY - 7 * 60, middle + 4 * DAY + 13 * 60
    times = [t for t in range(middle - 5 * DAY, middle + 5 * DAY, 1700)]
    deployment = f"{name}-{day}".replace("/", "-")
    assert server.send([{"timestamp": rfc3339(t), "deployment": deployment, "message": "tick"} for t in times]).status == 200
    assert server.send([{"timestamp": rfc3339(t), "deployment": deployment, "metrics": {"ticks": 1}} for t in times],
                       path="/api/v1/metrics").status == 200
    for text, step in STEPS.items():
        expected = borders(zone, start, end, step)
        counts = [sum(max(a, start) <= t < min(b, end) for t in times) for a, b in zip(expected, expected[1:])]
        for path in ("/api/v1/logs/histogram", "/api/v1/overview"):
            buckets = histogram(server, name, start, end, text, path, deployment)["buckets"]
            assert [seconds(bucket["time"]) for bucket in buckets] == expected[:-1], (path, text)
            assert [bucket["total"] for bucket in buckets] == counts, (path, text)
        points = server.get("/api/v1/metrics/query", name="ticks", agg="count", tz=name, step=text, deployment=deployment,
                            **{"from": rfc3339(start), "to": rfc3339(end)}).json()
        in_steps = [sum(a <= t < b for t in times) for a, b in zip(expected, expected[1:])]
        [line] = points["series"]
        assert [ms // 1000 for ms, _ in line["points"]] == expected[:-1], text
        assert [value or 0 for _, value in line["points"]] == in_steps, text
        assert seconds(points["to"]) == expected[-1]


def test_any_zone_at_any_time_of_these_decades(server):
    pick = random.Random(20261128)
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("posix", "right")))
    for _ in range(120):
        name, (text, step) = pick.choice(names), pick.choice(list(STEPS.items()))
        start = pick.randrange(seconds("2000-01-01T00:00:00Z"), seconds("2030-01-01T00:00:00Z")) // 60 * 60
        end = start + pick.randrange(1, 20) * step + 60 * pick.randrange(60)
        expected = borders(zoneinfo.ZoneInfo(name), start, end, step)
        got = [seconds(bucket["time"]) for bucket in histogram(server, name, start, end, text)["buckets"]]
        assert got == expected[:-1], (name, text, rfc3339(start), rfc3339(end))


def test_a_zone_that_is_none_is_told_with_a_form_that_works(server):
    for zone in ("Europe/Berln", "CEST5", "+25:00", "..", "Europe", "posix/../Europe/Berlin"):
        for path in ("/api/v1/logs/histogram", "/api/v1/overview", "/api/v1/metrics/query"):
            answer = server.get(path, tz=zone, step="1d", name="ticks" if "metrics" in path else None, **{"from": "now-2d"})
            assert answer.status == 400, (zone, path, answer)
            error = answer.json()["error"]
            assert error["field"] == "tz" and "Europe/Berlin" in error["message"] and "+02:00" in error["message"], error
    for zone in ("Etc/GMT+5", "UTC", "Z", "-0330", "Europe/Berlin"):
        assert server.get("/api/v1/logs/histogram", tz=zone, step="1d", **{"from": "now-2d"}).status == 200, zone
