"""Runs the micro-benchmarks and the end-to-end load, and writes bench/RESULTS.md. Called by bench/run."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from harness import TOKEN, Server  # noqa: E402

import instructions  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def micro():
    """Every Google Benchmark program; rows of (benchmark, CPU time, counters)."""
    rows = []
    for program in sorted(BUILD.glob("bench_*")):
        if not os.access(program, os.X_OK) or program.is_dir():
            continue
        done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.2"], check=True, capture_output=True)
        for entry in json.loads(done.stdout)["benchmarks"]:
            known = {"name", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
                     "time_unit", "family_index", "per_family_instance_index", "label", "error_occurred", "error_message"}
            counters = {k: v for k, v in entry.items() if k not in known}
            rows.append((program.name.removeprefix("bench_"), entry["name"], f"{entry['cpu_time']:.1f} {entry['time_unit']}",
                         ", ".join(f"{k} {human(v)}" for k, v in counters.items())))
    return rows


def human(value):
    if not isinstance(value, (int, float)):
        return str(value)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.2f}{unit}"
    return f"{value:.3g}"


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for current in found:
        for task in pathlib.Path(f"/proc/{current}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        total += sum(int(fields[i]) for i in (11, 12, 13, 14))  # own and that of ended children
    return total / TICKS


def resident(pid, field="VmHWM"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def store_bytes(server):
    return server.stats()["store"]["bytes"]


def load(kind, batch, connections, records, series=1000, deployments=20):
    """One server of its own: the rate, CPU a record for the whole stack, bytes on disk a record, peak memory."""
    with Server(options=["--store.compaction_interval", "1s"]) as server:
        pid = server.process.pid
        before = cpu_seconds(tree(pid))
        done = subprocess.run([BUILD / "penstock-load", "--port", str(server.port), "--token", TOKEN, "--kind", kind, "--batch", str(batch),
                               "--connections", str(connections), "--records", str(records), "--series", str(series),
                               "--deployments", str(deployments)], check=True, capture_output=True)
        figures = json.loads(done.stdout)
        server.wait_stored(300)
        cpu = cpu_seconds(tree(pid)) - before
        peak = resident(pid)
        # The store counts itself every ten seconds; compaction goes on until nothing is left to merge, or for a minute here.
        sizes = [0, store_bytes(server)]
        while (sizes[-1] != sizes[-2] or sizes[-1] == 0) and len(sizes) < 8:
            time.sleep(11)
            sizes.append(store_bytes(server))
        samples = records * (10 if kind == "metrics" else 1)
        return {
            "load": f"{kind}, {batch} a request, {connections} connections, {records:,} records",
            "records/s": f"{figures['records_per_s']:,.0f}", "requests/s": f"{figures['requests_per_s']:,.0f}",
            "p50 / p99 ms": f"{figures['p50_ms']:.2f} / {figures['p99_ms']:.2f}", "503": figures["busy"],
            "CPU µs a record" if kind == "logs" else "CPU µs a sample": f"{cpu / samples * 1e6:.2f}",
            "bytes stored a record" if kind == "logs" else "bytes stored a sample": f"{sizes[-1] / samples:.2f}" + ("" if sizes[-1] == sizes[-2] else " and falling"),
            "sent bytes a record": f"{figures['bytes_per_record']:.0f}",
            "server peak MiB": f"{peak / 2**20:.1f}",
        }


def crowds(records=1_500_000):
    """The rate and the server's CPU a record with few and with many connections of one address, in turn on one server."""
    with Server() as server:
        for connections in (64, 512, 1000):
            before = cpu_seconds([server.process.pid])
            done = subprocess.run([BUILD / "penstock-load", "--port", str(server.port), "--token", TOKEN, "--batch", "100",
                                   "--connections", str(connections), "--records", str(records)], check=True, capture_output=True)
            figures = json.loads(done.stdout)
            cpu = cpu_seconds([server.process.pid]) - before
            yield (f"{connections:,}", f"{figures['records_per_s']:,.0f}", f"{cpu / figures['accepted'] * 1e6:.2f}",
                   f"{figures['p50_ms']:.0f} / {figures['p99_ms']:.0f}", figures["busy"])


def sealing(rounds=3, records=300_000):
    """CPU of the server alone, a record taken in and stored, by cipher: in turns, since the machine is shared; the median of the rounds."""
    ciphers = ["none", "auto", "chacha20-poly1305", "fernet"]
    found = {cipher: [] for cipher in ciphers}
    for _ in range(rounds):
        for cipher in ciphers:
            with Server(options=["--store.compaction", "off", "--seal.cipher", cipher]) as server:
                before = cpu_seconds([server.process.pid])
                subprocess.run([BUILD / "penstock-load", "--port", str(server.port), "--token", TOKEN, "--batch", "100", "--connections", "4",
                                "--records", str(records)], check=True, capture_output=True)
                server.wait_stored(300)
                found[cipher].append((cpu_seconds([server.process.pid]) - before) / records * 1e6)
    plain = sorted(found["none"])[rounds // 2]
    return [(cipher, f"{sorted(found[cipher])[rounds // 2]:.2f}", f"{(sorted(found[cipher])[rounds // 2] / plain - 1) * 100:+.1f} %") for cipher in ciphers]


def query_times(count=500_000):
    """Times of typical questions over `count` stored logs."""
    with Server(options=["--store.compaction_interval", "1s"]) as server:
        subprocess.run([BUILD / "penstock-load", "--port", str(server.port), "--token", TOKEN, "--batch", "1000", "--connections", "4",
                        "--records", str(count)], check=True, capture_output=True)
        server.wait_stored(300)
        rows = []
        for name, path in {
                "newest 100": "/api/v1/logs?from=now-1h", "a word, newest 100": "/api/v1/logs?from=now-1h&q=checkout",
                "a word that is nowhere": "/api/v1/logs?from=now-1h&q=unobtainium",
                "a regular expression, newest 100": "/api/v1/logs?from=now-1h&q=/user%20123%5Cd%5Cb/",
                "histogram by severity": "/api/v1/logs/histogram?from=now-1h",
                "facets of source": "/api/v1/logs/facets?from=now-1h&field=source",
                "everything as NDJSON": "/api/v1/logs?from=now-1h&format=ndjson"}.items():
            times = []
            for _ in range(5):
                start = time.monotonic()
                answer = server.request("GET", path, timeout=300)
                times.append((time.monotonic() - start) * 1000)
                assert answer.status == 200, answer
            rows.append((name, f"{sorted(times)[2]:.1f}"))
        return rows


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal")) // 2**20
    return f"{model}, {os.cpu_count()} cores, {memory} GiB"


def main():
    wanted = sys.argv[1:] or ["micro", "instructions", "sealing", "load"]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    out = ["# Figures", "", f"Made by `bench/run` on {machine()}, Debian 12, commit {commit}, {time.strftime('%Y-%m-%d')}.",
           "One run on a shared machine: read them as orders of size, and compare only within one run.", ""]
    if "micro" in wanted:
        out += ["## Rooms alone", "", "| room | benchmark | CPU time | counters |", "|---|---|---|---|"]
        out += [f"| {' | '.join(row)} |" for row in micro()] + [""]
    if "instructions" in wanted:
        out += ["## Instructions of the hot paths", "", "Made by `bench/instructions.py`: the same on a busy machine, so commits can be compared by them.", "",
                "| path | instructions a record |", "|---|---|"]
        out += [f"| {name} | {value:,.0f} |" for name, value in instructions.measure().items()] + [""]
    if "sealing" in wanted:
        out += ["## Sealing at rest: logs, 100 a request, the server's CPU without Postgres", "", "| seal.cipher | CPU µs a record | against none |", "|---|---|---|"]
        out += [f"| {' | '.join(row)} |" for row in sealing()] + [""]
    if "load" in wanted:
        out += ["## The whole: server, private Postgres and load program on the same two cores", ""]
        for figures in (load("logs", 1, 16, 30_000), load("logs", 100, 4, 400_000), load("logs", 1000, 4, 1_000_000),
                        load("metrics", 100, 4, 400_000)):
            out += ["| " + " | ".join(figures) + " |", "|---" * len(figures) + "|",
                    "| " + " | ".join(str(value) for value in figures.values()) + " |", ""]
        out += ["## Many clients of one address: logs, 100 a request, each sends when it has its answer", "",
                "| connections | records/s | server's CPU µs a record | p50 / p99 ms | 503 |", "|---|---|---|---|---|"]
        out += [f"| {' | '.join(str(value) for value in row)} |" for row in crowds()] + [""]
        out += ["## Questions over 500,000 stored logs (median of 5)", "", "| question | ms |", "|---|---|"]
        out += [f"| {name} | {ms} |" for name, ms in query_times()]
    (ROOT / "bench" / "RESULTS.md").write_text("\n".join(out) + "\n")
    print("\n".join(out))


if __name__ == "__main__":
    main()
