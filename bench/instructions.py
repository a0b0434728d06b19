"""Counts the instructions of the hot paths on fixed input, and compares them with those recorded in bench/instructions.json.

Unlike times they are the same on a busy machine. Needs build/release with its benchmarks (scripts/build release all benches), and valgrind.
Usage: instructions.py [--record REASON]
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
RECORDED = ROOT / "bench" / "instructions.json"
TOLERANCE = 0.05
# Program, and which of its benchmarks; how many records (heads, samples) an iteration takes is what the counts are told by.
PATHS = {
    "decode": (r"^(log_lines|log_array|log_single|point_lines|point_array)$",
               {"decode/log_lines": 1000, "decode/log_array": 1000, "decode/log_single": 1, "decode/point_lines": 1000, "decode/point_array": 1000}),
    "http": (r"^guard_and_parse$", {"http/guard_and_parse": 1}),
    "ingest": (r"^receive_", {"ingest/receive_logs": 1000, "ingest/receive_points": 1000}),
    "chunk": (r"^(build_logs/3|filter_tokens|merge_logs_of_flushes/3|read_logs/1|build_samples/400|merge_samples_of_flushes/20)$",
              {"chunk/build_logs": 40_000, "chunk/filter_tokens": 40_000, "chunk/merge_logs": 40_000, "chunk/read_logs": 40_000,
               "chunk/build_samples": 400_000, "chunk/merge_samples": 256_000}),
}


def count(program, pattern, build=BUILD):
    """{name: instructions of its last iteration}"""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "counts"
        done = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={out}", build / f"bench_{program}",
                               f"--benchmark_filter={pattern}", "--benchmark_min_time=0.000001", "--benchmark_repetitions=3"],
                              capture_output=True, text=True, env={**os.environ, "LD_BIND_NOW": "1"})
        if done.returncode != 0:
            raise SystemExit(f"bench_{program} under valgrind ended with {done.returncode}:\n{done.stderr[-2000:]}")
        counts = {}
        for dump in sorted(pathlib.Path(folder).glob("counts.*"), key=lambda path: int(path.suffix[1:])):
            text = dump.read_text(errors="replace")
            name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
            total = re.search(r"^totals: (\d+)", text, re.M)
            if name and total:
                counts[name[1]] = int(total[1])
        return counts


def measure(build=BUILD):
    """{path: instructions a record}"""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(PATHS, pool.map(lambda program: count(program, PATHS[program][0], build), PATHS)))
    return {name: counts[name] / records if name in counts else None for program, (_, names) in PATHS.items() for counts in [found[program]]
            for name, records in names.items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--record", metavar="REASON", help="writes the counts as the recorded ones, with the reason why they changed")
    arguments.add_argument("--build", type=pathlib.Path, default=BUILD)
    options = arguments.parse_args()
    if platform.machine() != "x86_64" or "avx2" not in pathlib.Path("/proc/cpuinfo").read_text():
        print("skipped: the recorded counts are of x86-64 with AVX2")
        return 0
    counts = measure(options.build)
    missing = [name for name, value in counts.items() if value is None]
    if missing:
        print(f"FAILED: not counted: {', '.join(missing)}")
        return 1
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {"paths": {}, "reasons": []}
    failed = 0
    for name, value in counts.items():
        before = recorded["paths"].get(name)
        change = value / before - 1 if before else None
        dearer = change is not None and change > TOLERANCE
        failed += (dearer or before is None) and not options.record
        print(f"{'FAILED ' if (dearer or before is None) and not options.record else '       '}{name:24} {value:12,.1f} instructions a record"
              + (f" {change:+.1%}" if change is not None else " (not recorded)"))
    if options.record:
        recorded["paths"] = {name: round(value, 1) for name, value in counts.items()}
        recorded["reasons"].append(options.record)
        RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")
        return 0
    if failed:
        print(f"{failed} paths are more than {TOLERANCE:.0%} dearer than recorded. If that is meant: bench/instructions.py --record \"why\"")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
