"""Lines of files as the agent and `send` read them: JSON, what runtimes of containers write, stack traces, and where they end."""

import json

from harness import TOKEN, wait_until
from commands import Agent, run

DOCKER = [{"log": "GET /health 200\n", "stream": "stdout", "time": "2026-11-20T13:33:00.1Z"},
          {"log": '{"level":"error","msg":"card declined","host":{"ip":"10.0.0.1"},"deployment":"web"}\n', "stream": "stderr", "time": "2026-11-20T13:33:00.2Z"},
          {"log": "a long ", "stream": "stdout", "time": "2026-11-20T13:33:00.3Z"},
          {"log": "line\n", "stream": "stdout", "time": "2026-11-20T13:33:00.4Z"}]
TRACE = "ERROR failed\njava.lang.IllegalStateException: empty\n\tat shop.Cart.pay(Cart.java:42)\nCaused by: java.io.IOException\n\t... 2 more"


def agent_on(server, folder, deployment, *arguments):
    return Agent(folder, "--url", f"http://127.0.0.1:{server.port}", "--token", TOKEN, "--deployment", deployment, "--source", "here", *arguments)


def by_message(server, deployment):
    return {r["message"]: r for r in server.logs(deployment=deployment, limit=1000, **{"from": "now-30d"})}


def test_the_agent_reads_the_lines_of_containers_and_json(server, tmp_path):
    (tmp_path / "docker.log").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in DOCKER))
    (tmp_path / "cri.log").write_text("2026-11-20T14:33:00.5+01:00 stdout P one \n2026-11-20T14:33:00.6+01:00 stdout F two\n")
    (tmp_path / "json.log").write_text('{"time":"2026-11-20T13:33:07Z","level":"WARN","msg":"own time","source":"cart"}\n')
    (tmp_path / "text.log").write_text("plain text\n{not json\n")
    with agent_on(server, tmp_path, "containers"):
        wait_until(lambda: len(by_message(server, "containers")) == 7, 20, "all lines")
    found = by_message(server, "containers")
    declined = found["card declined"]
    assert (declined["severity"], declined["source"]) == ("ERROR", "here"), declined
    assert declined["fields"] == {"host.ip": "10.0.0.1", "deployment": "web", "stream": "stderr", "file": str(tmp_path / "docker.log")}
    assert declined["timestamp"] == "2026-11-20T13:33:00.200Z"
    assert found["a long line"]["timestamp"] == "2026-11-20T13:33:00.300Z"
    assert found["GET /health 200"]["fields"]["stream"] == "stdout"
    assert found["one two"]["timestamp"] == "2026-11-20T13:33:00.500Z"
    own = found["own time"]
    assert (own["timestamp"], own["severity"], own["source"]) == ("2026-11-20T13:33:07Z", "WARN", "cart")
    assert {"plain text", "{not json"} <= set(found)


def test_the_agent_joins_a_trace_and_waits_for_the_end_of_a_line(server, tmp_path):
    log = tmp_path / "app.log"
    log.write_text(f"first\n{TRACE}\nhalf of")
    with agent_on(server, tmp_path, "traces", "--multiline"):
        wait_until(lambda: {"first", TRACE} <= set(by_message(server, "traces")), 20, "the trace")
        with log.open("a") as out:
            out.write(" a line\n")
        wait_until(lambda: "half of a line" in by_message(server, "traces"), 20, "the line that had no end")
    assert set(by_message(server, "traces")) == {"first", TRACE, "half of a line"}


def test_send_takes_files_and_names_them(server, tmp_path):
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    first.write_text("one\ntwo without an end")
    second.write_text('three\n{"message":"four","host":{"ip":"10.0.0.1"}}\n{"message":"old","timestamp":"2001-01-01T00:00:00Z"}\n')
    url = f"http://127.0.0.1:{server.port}"
    done = run("send", "--url", url, "--token", TOKEN, "--deployment", "files", "--source", "here", "--field", "k=v", str(first), str(second))
    assert done.returncode == 1 and f"{second} line 3: timestamp_too_old" in done.stderr, done
    found = by_message(server, "files")
    assert set(found) == {"one", "two without an end", "three", "four"}
    assert {r["source"] for r in found.values()} == {"here"} and {r["fields"]["k"] for r in found.values()} == {"v"}
    for wrong in (tmp_path, tmp_path / "absent.log"):
        done = run("send", "--url", url, "--token", TOKEN, "--deployment", "files2", str(wrong), str(first))
        assert done.returncode == 2 and str(wrong) in done.stderr and "2 accepted" in done.stdout, done
    done = run("send", "--url", url, "--token", TOKEN, "--deployment", "files3", "--message-field", "event.text", "-", text='{"event":{"text":"named"}}\n')
    assert done.returncode == 0 and "named" in by_message(server, "files3"), done
