"""The commands, the configuration, and what a start refuses."""

import shutil
import socket
import subprocess

import pytest

from harness import ROOT, TOKEN, Server, make_data_dir, psql, wait_until
from commands import run


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
