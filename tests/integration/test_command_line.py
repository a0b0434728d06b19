"""The commands, the configuration, and what a start refuses."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from harness import PROGRAM, ROOT, TOKEN, Server, make_data_dir, psql, wait_until


def run(*arguments, data=None, environment=None, text=None, timeout=60):
    command = [str(PROGRAM), *arguments]
    if data:
        command += ["--data-dir", str(data)]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=False,
                          env={**os.environ, **(environment or {})})


@pytest.fixture
def data_dir():
    path = make_data_dir()
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_all_errors_of_a_configuration_are_told_at_once(tmp_path):
    file = tmp_path / "penstock.toml"
    file.write_text('colour = "blue"\n[journal]\ndisk_budget = "lots"\n[http]\nlisten = "nowhere"\nmax_bodi = 5\n')
    done = run("config", "check", "--config", str(file), environment={"PENSTOCK_STORE_FLUSH_INTERVAL": "soon", "PENSTOCK_STOER": "x"})
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    for part in ("colour", "journal.disk_budget", "http.listen", "max_bodi", "store.flush_interval", "PENSTOCK_STOER"):
        assert any(part in line for line in lines), (part, done.stderr)
    assert len(lines) == 6, done.stderr
    assert f"{file}:" in done.stderr


def test_a_broken_file_is_named_with_its_line(tmp_path):
    file = tmp_path / "penstock.toml"
    file.write_text("[http]\nlisten = \n")
    done = run("config", "check", "--config", str(file))
    assert done.returncode == 2 and str(file) in done.stderr and "line 2" in done.stderr


def test_what_config_print_says_is_a_configuration(tmp_path):
    environment = {"PENSTOCK_RETENTION_RULES": "shop/logs=7d,2GiB; */metrics=365d",
                   "PENSTOCK_DATABASE_URL": "postgresql://u:hunter2@h/d"}
    printed = run("config", "print", "--journal.disk_budget", "1GiB", environment=environment)
    assert printed.returncode == 0, printed.stderr
    assert 'journal.disk_budget = "1GiB"' in printed.stdout and "hunter2" not in printed.stdout
    file = tmp_path / "again.toml"
    file.write_text(printed.stdout)
    again = run("config", "print", "--config", str(file))
    assert again.returncode == 0, again.stderr
    assert again.stdout == printed.stdout


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path):
    file = tmp_path / "penstock.toml"
    file.write_text('[query]\nconcurrent = 2\nmemory = "8MiB"\n[log]\nlevel = "warn"\n')
    printed = run("config", "print", "--config", str(file), "--query.concurrent", "7",
                  environment={"PENSTOCK_QUERY_CONCURRENT": "5", "PENSTOCK_QUERY_MEMORY": "16MiB"}).stdout
    assert 'query.concurrent = "7"' in printed and 'query.memory = "16MiB"' in printed and 'log.level = "warn"' in printed


def test_a_wrong_word_is_named_with_what_may_stand_there():
    for words, parts in ((["foo"], ["`penstock foo`", "serve", "agent"]), (["sned"], ["is it `penstock send`?"]), (["migrate", "stauts"], ["is it `penstock migrate status`?"]),
                         (["migrate"], ["up, down, status"]), (["help", "foo"], ["`penstock foo`"]), (["agent", "--fil", "x"], ["--fil", "is it `--file`?"]),
                         (["serve", "--jurnal.segment=1MiB"], ["--jurnal.segment", "is it `--journal.segment`?"])):
        done = run(*words)
        assert done.returncode == 2 and all(part in done.stderr for part in parts), (words, done)
    assert run().returncode == 2 and "serve" in run().stderr


def test_help_tells_meanings_and_defaults_in_each_form_that_is_tried():
    assert run("--version").stdout == run("version").stdout == run("-V").stdout
    assert run("help").stdout == run("--help").stdout and "serve" in run("help").stdout
    assert run("help", "migrate", "down").stdout == run("migrate", "down", "--help").stdout
    served = run("serve", "--help").stdout
    for part in ("--data-dir TEXT=data", "Folder of the journal", "--journal.disk_budget TEXT=2GiB", "--listen TEXT=127.0.0.1:8080"):
        assert part in served, (part, served)


def test_config_check_tries_what_serve_would_and_changes_nothing(server, data_dir, tmp_path):
    new = tmp_path / "new"
    assert run("config", "check", data=new).returncode == 0 and not new.exists()
    (tmp_path / "file").write_text("")
    for arguments, part in ((["--listen", "203.0.113.7:80", "--http.allow_plain", "true"], "cannot listen on 203.0.113.7"), (["--listen", "nowhere:80"], "nowhere is no address"),
                            (["--listen", "0.0.0.0:0"], "http.allow_plain"), (["--http.tls_certificate", "/no", "--http.tls_key", "/no"], "TLS certificate /no"),
                            (["--database.url", "postgresql://a:b@127.0.0.1:1/c"], "database.url"), (["--auth.admin_token", "short"], "16 characters"),
                            (["--web_dir", str(tmp_path)], "index.html"), (["--private_postgres.bin_dir", str(tmp_path)], "PostgreSQL"),
                            (["--data-dir", str(tmp_path / "file" / "x")], "no folder")):
        done = run("config", "check", *([] if "--data-dir" in arguments else ["--data-dir", str(new)]), *arguments)
        assert done.returncode == 1 and part in done.stderr, (arguments, done)
        assert not new.exists()
    beside = run("config", "check", "--listen", f"127.0.0.1:{server.port}", data=server.data_dir)
    assert beside.returncode == 0 and "in use" in beside.stderr, beside


def test_what_is_no_data_folder_is_left_alone(data_dir, tmp_path):
    (data_dir / "mine.txt").write_text("mine")
    for command in (["token", "create"], ["migrate", "status"], ["migrate", "down"], ["migrate", "up"]):
        for folder in (data_dir, tmp_path / "absent"):
            done = run(*command, data=folder)
            assert done.returncode == 1 and "nothing was changed" in done.stderr and not done.stdout, (command, done)
        assert [path.name for path in data_dir.iterdir()] == ["mine.txt"] and not (tmp_path / "absent").exists()


def test_migrate_status_may_be_asked_beside_a_running_server(server):
    status = run("migrate", "status", data=server.data_dir)
    assert status.returncode == 0 and "applied" in status.stdout and "not applied" not in status.stdout, status


def test_a_replaced_or_revoked_administrators_token_stops_counting_in_a_running_server():
    with Server(token=None) as server:
        first = next(word for line in server.output().splitlines() if line.startswith("  pst_") for word in line.split())

        def status(token):
            return server.request("GET", "/api/v1/stats", token=token).status

        assert status(first) == 200
        second = run("token", "create", data=server.data_dir).stdout.strip()
        wait_until(lambda: status(first) == 401, 10, "the end of the replaced token")
        assert status(second) == 200
        (server.data_dir / "admin-token.sha256").unlink()
        wait_until(lambda: status(second) == 401, 10, "the end of the revoked token")
        refused = run("token", "create", data=server.data_dir, environment={"PENSTOCK_ADMIN_TOKEN": TOKEN})
        assert refused.returncode == 1 and "PENSTOCK_ADMIN_TOKEN" in refused.stderr, refused


def test_plain_http_is_for_loopback_only(data_dir):
    done = run("serve", "--listen", "0.0.0.0:0", data=data_dir)
    assert done.returncode == 1 and "http.allow_plain" in done.stderr


def test_migrations_go_up_down_and_up_on_real_data():
    # Not sealed: the step that takes the keys away refuses to while there is anything to open with them.
    with Server(options=["--seal.cipher", "none"]) as fresh:
        fresh.send([{"message": "before"}])
        fresh.wait_stored()
        assert fresh.stop() == 0
        status = run("migrate", "status", data=fresh.data_dir)
        assert status.returncode == 0 and "not applied" not in status.stdout and "1 " in status.stdout, status
        steps = len(status.stdout.splitlines())
        assert run("migrate", "down", "--steps", str(steps), data=fresh.data_dir).returncode == 0
        assert run("migrate", "status", data=fresh.data_dir).stdout.count("not applied") == steps
        assert run("migrate", "up", data=fresh.data_dir).returncode == 0
        fresh.start()
        # The journal still holds what the emptied store lost (consumed segments are kept), and the sink begins anew.
        fresh.wait_stored()
        assert [r["message"] for r in fresh.logs()] == ["before"]


def test_the_keys_of_what_is_sealed_are_not_migrated_away(fresh):
    fresh.send([{"message": "sealed"}])
    fresh.wait_stored()
    assert fresh.stop() == 0
    steps = len(run("migrate", "status", data=fresh.data_dir).stdout.splitlines())
    refused = run("migrate", "down", "--steps", str(steps), data=fresh.data_dir)
    assert refused.returncode == 1 and "sealed with the keys" in refused.stderr, refused
    fresh.start()
    assert [r["message"] for r in fresh.logs()] == ["sealed"]


def test_a_changed_checksum_and_a_newer_schema_are_refused(fresh):
    psql(fresh, "UPDATE schema_migration SET checksum = repeat('0', 64) WHERE version = 1")
    assert fresh.stop() == 0
    refused = run("serve", "--listen", "127.0.0.1:0", data=fresh.data_dir)
    assert refused.returncode == 1 and "checksum" in refused.stderr and "1" in refused.stderr, refused


def test_a_newer_schema_is_refused(fresh):
    psql(fresh, "INSERT INTO schema_migration SELECT 9999, 'from_the_future', checksum, applied_at FROM schema_migration LIMIT 1")
    assert fresh.stop() == 0
    refused = run("serve", "--listen", "127.0.0.1:0", data=fresh.data_dir)
    assert refused.returncode == 1 and "newer" in refused.stderr, refused


def test_the_first_token_is_printed_once_and_kept_hashed():
    with Server(token=None) as server:
        output = server.output()
        token = next(word for line in output.splitlines() if line.startswith("  pst_") for word in line.split())
        assert server.request("GET", "/api/v1/stats", token=token).status == 200
        assert server.request("GET", "/api/v1/stats", token=token[:-1] + "x").status == 401
        for path in server.data_dir.rglob("*"):
            if path.is_file() and "postgres" not in path.parts:
                assert token.encode() not in path.read_bytes(), path
        server.stop()
        before = server.output().count(token)
        server.start()
        assert server.output().count(token) == before
        assert server.request("GET", "/api/v1/stats", token=token).status == 200
        server.stop()
        made = run("token", "create", data=server.data_dir)
        assert made.returncode == 0
        server.start()
        assert server.request("GET", "/api/v1/stats", token=token).status == 401
        assert server.request("GET", "/api/v1/stats", token=made.stdout.strip()).status == 200


def test_the_script_that_runs_it_takes_the_options_of_serve(data_dir):
    log = data_dir.with_name(data_dir.name + ".log")
    with open(log, "wb") as out:
        script = subprocess.Popen([str(ROOT / "scripts" / "run"), "--no-agent", "--listen", "127.0.0.1:0", f"--data-dir={data_dir}", "--log.level", "debug"],
                                  stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: script.poll() is not None or "listening on http://127.0.0.1:" in log.read_text(), 120, "the address")
        assert script.poll() is None, log.read_text()
        assert (data_dir / "journal").is_dir()
    finally:
        script.terminate()
        code = script.wait(30)
        text = log.read_text()
        log.unlink()
    assert code == 0, text


class Agent:
    """An agent that follows *.log of a folder from their beginning; its output is in the folder's agent.out."""

    def __init__(self, folder, *arguments, environment=None, limits=None):
        with open(folder / "agent.out", "wb") as out:
            self.process = subprocess.Popen([str(PROGRAM), "agent", "--no-metrics", "--file", str(folder / "*.log"), "--state-dir", str(folder / "state"),
                                             "--from-start", *arguments],
                                            env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stderr=out, preexec_fn=limits)

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)


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


def test_health_needs_no_token_and_says_nothing_else(server):
    assert server.request("GET", "/health", token=None).status == 200
    ready = server.request("GET", "/ready", token=None).json()
    assert ready["ready"] is True and {"journal", "store", "running"} <= set(ready["checks"])


def test_the_service_manager_is_told():
    directory = make_data_dir()
    path = directory / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(30)
        with Server(environment={"NOTIFY_SOCKET": str(path)}) as server:
            assert listener.recv(100) == b"READY=1"
            server.stop()
            assert listener.recv(100) == b"STOPPING=1"
    shutil.rmtree(directory)


def test_every_version_says_the_same(server):
    assert run("version").stdout.split()[1] == server.get("/api/v1/version").json()["version"]
    assert ROOT.joinpath("CMakeLists.txt").read_text().find(f"VERSION {server.get('/api/v1/version').json()['version']} ") > 0
