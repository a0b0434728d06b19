"""`penstock send`, `agent` and `dead-letter` beside a server."""

import json
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from harness import PROGRAM, TOKEN, wait_until
from commands import Agent, run


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_send_takes_lines_and_json_and_tells_what_was_refused(server):
    url = f"http://127.0.0.1:{server.port}"
    lines = "\n".join(["first line", '{"message": "second", "severity": "ERROR", "fields": {"n": 2}}', "third line",
                       '{"message": "late", "timestamp": "2001-01-01T00:00:00Z"}'])
    done = run("send", "--url", url, "--deployment", "sent", "--source", "dpkg", "--field", "k=v", text=lines,
               environment={"PENSTOCK_TOKEN": TOKEN})
    assert done.returncode == 1, done
    assert "3 accepted" in done.stdout and "1 rejected" in done.stdout and "timestamp" in done.stderr, done
    records = server.logs(deployment="sent", order="asc")
    assert sorted(r["message"] for r in records) == ["first line", "second", "third line"]
    assert {r["source"] for r in records} == {"dpkg"}
    assert next(r for r in records if r["message"] == "second")["severity"] == "ERROR"


def test_send_says_what_is_wrong_with_a_token(server):
    done = run("send", "--url", f"http://127.0.0.1:{server.port}", text="a\n", environment={"PENSTOCK_TOKEN": "pst_wrong_wrong_wrong"})
    assert done.returncode == 2 and "token" in done.stderr.lower(), done


def test_the_agent_sends_this_machine_and_follows_files_through_rotation(server, tmp_path):
    log = tmp_path / "app.log"
    log.write_text("old line\n")
    agent = subprocess.Popen([str(PROGRAM), "agent", "--url", f"http://127.0.0.1:{server.port}", "--deployment", "agent", "--source", "here",
                              "--interval", "1s", "--file", str(tmp_path / "*.log"), "--state-dir", str(tmp_path / "state"), "--from-start"],
                             env={**os.environ, "PENSTOCK_TOKEN": TOKEN}, stdin=subprocess.DEVNULL)
    try:
        def messages():
            return [r["message"] for r in server.logs(deployment="agent", order="asc", limit=1000)]

        wait_until(lambda: "old line" in messages(), 20, "the file's first line")
        with log.open("a") as out:
            out.write("before rotation\n")
        log.rename(tmp_path / "app.log.1")
        log.write_text("after rotation\n")
        wait_until(lambda: {"before rotation", "after rotation"} <= set(messages()), 20, "lines around a rotation")
        wanted = ["cpu.usage", "ram.used", "storage.used", "load.1", "processes.total", "uptime.seconds"]

        def sampled():
            latest = server.get("/api/v1/metrics/latest", names=",".join(wanted), deployment="agent").json()["metrics"]
            return all(latest.get(name) for name in wanted)

        wait_until(sampled, 20, f"the metrics {wanted}")
        # Killed and started again: no line twice, none missing.
        agent.send_signal(signal.SIGKILL)
        agent.wait()
        with log.open("a") as out:
            out.write("while it was dead\n")
        agent = subprocess.Popen(agent.args, env={**os.environ, "PENSTOCK_TOKEN": TOKEN}, stdin=subprocess.DEVNULL)
        wait_until(lambda: "while it was dead" in messages(), 20, "the line written while the agent was dead")
        found = messages()
        assert len(found) == len(set(found)), found
    finally:
        agent.terminate()
        assert agent.wait(20) == 0


def test_lines_that_the_server_refused_are_kept_by_the_agent_and_the_others_stored(server, tmp_path):
    refused = [f"2001-01-01T00:00:00Z too old, line {i}" for i in range(300)]
    (tmp_path / "a.log").write_text("\n".join(["first", *refused, "last"]) + "\n")
    with Agent(tmp_path, "--url", f"http://127.0.0.1:{server.port}", "--token", TOKEN, "--deployment", "mixed", "--line-time"):
        wait_until(lambda: {r["message"] for r in server.logs(deployment="mixed")} == {"first", "last"}, 20, "the good lines")
        kept = tmp_path / "state" / "rejected.ndjson"
        rejected = ["key", "rejected", "--state-dir", tmp_path / "state"]
        wait_until(lambda: kept.exists() and run(*rejected).stdout.count("\n") == 300, 20, "the refused lines", every=0.2)
        assert "too old" not in kept.read_text(), "they lie there sealed"
        assert [json.loads(line)["message"] for line in run(*rejected).stdout.splitlines()] == refused


def test_a_token_given_as_a_flag_does_not_show_in_the_process_list(mute, tmp_path):
    url, asked = mute
    (tmp_path / "a.log").write_text("one\n")
    for flag in (["--token", TOKEN], [f"--token={TOKEN}"]):
        with Agent(tmp_path, "--url", url, *flag) as agent:
            wait_until(lambda agent=agent: b"****" in Path(f"/proc/{agent.pid}/cmdline").read_bytes(), 10, "the token's end there")
            assert TOKEN.encode() not in Path(f"/proc/{agent.pid}/cmdline").read_bytes()


def test_a_pattern_that_matches_nothing_is_said_by_the_agent(mute, tmp_path):
    (tmp_path / "below").mkdir()
    with Agent(tmp_path, "--url", mute[0], "--token", TOKEN, "--file", str(tmp_path / "below"), "--file", str(tmp_path / "no" / "*.txt")):
        said = tmp_path / "agent.out"
        wait_until(lambda: "below is a folder" in said.read_text() and "no such file yet" in said.read_text(), 10, "what is not followed")


@pytest.mark.parametrize(("descriptors", "files"), [(32, 40), (128, 300)])
def test_the_agent_follows_more_files_than_it_may_open(server, tmp_path, descriptors, files):
    deployment = f"limit-{descriptors}"

    def append(text):
        for number in range(files):
            with (tmp_path / f"{number}.log").open("a") as out:
                out.write(f"{text} {number}\n")

    def arrived():
        return {r["message"] for r in server.logs(deployment=deployment, limit=1000)}

    append("first")
    limit = (descriptors, descriptors)
    with Agent(tmp_path, "--url", f"http://127.0.0.1:{server.port}", "--token", TOKEN, "--deployment", deployment,
               limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit)):
        expected = {f"first {number}" for number in range(files)}
        wait_until(lambda: arrived() == expected, 30, "a line of each file")
        append("second")
        expected |= {f"second {number}" for number in range(files)}
        wait_until(lambda: arrived() == expected, 30, "another line of each file")
    assert "Too many open files" not in (tmp_path / "agent.out").read_text()


def test_thousands_of_idle_files_cost_next_to_nothing(server, tmp_path):
    for number in range(6000):
        (tmp_path / f"{number}.log").write_text("old\n")
    with Agent(tmp_path, "--url", f"http://127.0.0.1:{server.port}", "--token", TOKEN, "--deployment", "idle") as agent:
        def last_lines():
            with (tmp_path / "17.log").open("a") as out:
                out.write("new\n")
            return any(r["message"] == "new" for r in server.logs(deployment="idle", q="new"))

        wait_until(last_lines, 60, "a new line after all the old ones")
        # Of one and the same process nothing but time makes processor time comparable: so many looks, at rest.
        used, seconds = processor_seconds(agent.pid), 6
        wait_until(lambda begun=time.monotonic(): time.monotonic() - begun >= seconds, seconds + 10, "some looks")
        share = (processor_seconds(agent.pid) - used) / seconds
        assert share < 0.1, f"{share:.1%} of a core with 6,000 idle files"


def test_flags_of_agent_send_and_dead_letter_win_over_the_environment(server, tmp_path):
    url = f"http://127.0.0.1:{server.port}"
    elsewhere = {"PENSTOCK_URL": "http://127.0.0.1:1", "PENSTOCK_TOKEN": "pst_wrong_wrong_wrong"}
    for command in (["ls"], ["replay", "--all"], ["discard", "--all"]):
        done = run("dead-letter", *command, "--url", url, "--token", TOKEN, environment=elsewhere)
        assert done.returncode == 0, (command, done)
    shown = run("dead-letter", "show", "--url", url, "--token", TOKEN, "1", environment=elsewhere)
    assert shown.returncode == 2 and "The server answered 4" in shown.stderr and "token" not in shown.stderr, shown
    sent = run("send", "--url", url, "--token", TOKEN, "--deployment", "flags", text="by send\n", environment=elsewhere)
    assert sent.returncode == 0, sent
    (tmp_path / "a.log").write_text("by the agent\n")
    with Agent(tmp_path, "--url", url, "--token", TOKEN, "--deployment", "flags", environment=elsewhere):
        wait_until(lambda: {r["message"] for r in server.logs(deployment="flags")} == {"by send", "by the agent"}, 20, "both lines")


@pytest.fixture
def mute():
    """The URL of somebody who takes connections and says nothing, and a function that waits until something was sent to him."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        listener.settimeout(30)
        accepted = []

        def asked():
            accepted.append(listener.accept()[0])
            accepted[-1].settimeout(30)
            assert accepted[-1].recv(1)

        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        for connection in accepted:
            connection.close()


def sending(url, *arguments):
    return subprocess.Popen([str(PROGRAM), "send", "--url", url, "--token", TOKEN, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def test_send_ends_at_a_signal_after_it_sent_what_it_read_and_sends_lines_before_the_end(server):
    url = f"http://127.0.0.1:{server.port}"
    for number in (signal.SIGINT, signal.SIGTERM):
        deployment = f"send-{number}"
        with sending(url, "--deployment", deployment) as send:
            send.stdin.write("first\nno end")
            send.stdin.flush()
            wait_until(lambda: [r["message"] for r in server.logs(deployment=deployment)] == ["first"], 20, "a line, while send goes on waiting")
            send.send_signal(number)
            assert send.wait(10) == 0
            assert "sent 2 lines: 2 accepted" in send.stdout.read()
        assert {r["message"] for r in server.logs(deployment=deployment)} == {"first", "no end"}


def test_send_and_agent_end_soon_when_the_server_does_not_answer(mute, tmp_path):
    url, asked = mute
    with sending(url, "--batch", "1") as send:
        send.stdin.write("a\n")
        send.stdin.flush()
        asked()
        send.send_signal(signal.SIGINT)
        assert send.wait(10) == 2
        assert "not waited for" in send.stderr.read()
    (tmp_path / "a.log").write_text("one\n")
    with Agent(tmp_path, "--url", url) as agent:
        asked()
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(10) == 0


def test_send_says_that_its_input_cannot_be_read(server):
    url = f"http://127.0.0.1:{server.port}"
    for input_of, reason in (("<&-", "Bad file descriptor"), ("</", "Is a directory")):
        done = subprocess.run(["sh", "-c", f'exec "$@" {input_of}', "sh", str(PROGRAM), "send", "--url", url, "--token", TOKEN], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 2 and reason in done.stderr, done


def test_send_agent_and_dead_letter_say_at_once_that_a_url_cannot_be_used(tmp_path):
    for command in (["send"], ["agent", "--wait-ready", "--state-dir", str(tmp_path)], ["dead-letter", "ls"]):
        for url in ("localhost:8080", "http://host:port"):
            done = run(*command, "--url", url, text="a\n", timeout=20)
            assert done.returncode == 2 and "URL cannot be used" in done.stderr, done


def test_send_says_why_tls_does_not_work(server):
    done = run("send", "--url", f"https://127.0.0.1:{server.port}", "--token", TOKEN, text="a\n", timeout=20)
    assert done.returncode == 2 and "does not speak TLS" in done.stderr, done


def test_the_agent_goes_on_at_sighup(server, tmp_path):
    (tmp_path / "a.log").write_text("one\n")
    with Agent(tmp_path, "--url", f"http://127.0.0.1:{server.port}", "--token", TOKEN, "--deployment", "hup") as agent:
        def messages():
            return [r["message"] for r in server.logs(deployment="hup", order="asc")]

        wait_until(lambda: messages() == ["one"], 20, "the first line")
        agent.send_signal(signal.SIGHUP)
        with (tmp_path / "a.log").open("a") as out:
            out.write("two\n")
        wait_until(lambda: messages() == ["one", "two"], 20, "the line after the signal")
        assert agent.poll() is None
