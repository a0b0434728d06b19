"""Builds Penstock and runs every test there is; scripts/test calls it. Counts come from the runners' own JUnit reports."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

# Rooms whose unit tests run under a sanitizer each time; `full` takes every room. Address and undefined behaviour: all that reads bytes from
# outside or does arithmetic on them. Threads: all that shares memory between threads.
SANITIZED = {
    "asan": ["base", "core", "metrics", "decode", "chunk", "journal", "ingest", "sinks", "query", "seal", "auth", "http", "backup"],
    "tsan": ["base", "metrics", "ingest", "journal", "sinks", "query", "auth", "http", "backup"],
}
ROOT = pathlib.Path(__file__).resolve().parent.parent
# Those that take longest begin first.
LONGEST = ["test_journal", "itest_postgres", "test_base", "test_http", "test_chunk"]
AT_LEISURE = ["nice", "-n", "19"]  # builds; a test that waits for a thread must not starve
BEHIND = ["nice", "-n", "5"]
counts = threading.Lock()  # guards the two below
passed = 0
failed = 0


def run(name, command, timeout=3600, env=None, quiet=True):
    """Runs one step; shows what it printed when it fails. Returns True when it succeeded."""
    print(f"== {name}", flush=True)
    start = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, timeout=timeout, env={**os.environ, **(env or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        ok, output = done.returncode == 0, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as expired:
        ok, output = False, (expired.stdout or b"").decode(errors="replace") + f"\ntimed out after {timeout} s"
    seconds = time.monotonic() - start
    if not ok or not quiet:
        print("\n".join("   " + line for line in output.splitlines()[-150:]))
    print(f"   {'ok' if ok else 'FAILED'}: {name}, {seconds:.0f} s", flush=True)
    return ok


def tally(report, ok):
    """Adds what a JUnit report counts; a step that failed without a failing case counts as one failure."""
    global passed, failed
    good = bad = 0
    if report.exists() and report.stat().st_size:
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error", "skipped"} or case.get("status") in ("fail", "disabled"):
                bad += 1  # a skip is a failure: nothing here may be left out silently
                print(f"   not passed: {case.get('classname', '')} {case.get('name')}")
            else:
                good += 1
    if good + bad == 0 or (not ok and bad == 0):
        bad += 1
    with counts:
        passed += good
        failed += bad


def count(ok):
    """Counts a step that is one test by itself."""
    global passed, failed
    with counts:
        passed += 1 if ok else 0
        failed += 0 if ok else 1
    return ok


def check(name, command, **options):
    return count(run(name, command, **options))


def unit_tests(preset, programs, reports, prefix=()):
    """Each program's cases one by one, two programs at a time."""
    build = ROOT / "build" / preset
    sanitizers = {"TSAN_OPTIONS": "halt_on_error=1 second_deadlock_stack=1", "ASAN_OPTIONS": "detect_stack_use_after_return=1",
                  "UBSAN_OPTIONS": "print_stacktrace=1"}

    def part(program):
        report = reports / f"{preset}-{program}.xml"
        return report, run(f"{program} ({preset})", [*prefix, str(build / program), "--gtest_brief=1", f"--gtest_output=xml:{report}"],
                           timeout=900, env=sanitizers)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for report, ok in pool.map(part, sorted(programs, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))):
            tally(report, ok)


def all_programs(preset):
    build = ROOT / "build" / preset
    return [program.name for program in sorted(build.glob("test_*")) + sorted(build.glob("itest_*"))
            if os.access(program, os.X_OK) and program.is_file()]


def rules_and_corpora(preset, reports):
    report = reports / f"{preset}-ctest.xml"
    tally(report, run(f"rules and corpora ({preset})",
                      ["ctest", "--test-dir", str(ROOT / "build" / preset), "--output-on-failure", "--no-tests=error", "--timeout", "600",
                       "-j", "2", "-E", "^(unit|integration)_", "--output-junit", str(report)]))


# Test files that run beside each other: what waits most of its time for a server to stop, what waits for an outage to pass, and all others.
SIGNALS = ["test_signals.py", "test_failpoints.py", "test_crash.py", "test_clock.py", "test_power_cut.py"]
OUTAGES = ["test_postgres_faults.py", "test_disk_full.py", "test_memory_limits.py", "test_visible.py"]


def integration_tests(reports):
    """Three runs of pytest beside each other; every server has a port and a data folder of its own."""
    folder = ROOT / "tests" / "integration"
    others = sorted(path.name for path in folder.glob("test_*.py") if path.name not in SIGNALS + OUTAGES)

    def part(name, files):
        report = reports / f"pytest-{name}.xml"
        command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=10", f"--junitxml={report}"]
        return report, run(f"integration tests: {name}", command + [str(folder / file) for file in files], timeout=2400, quiet=False)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        parts = [pool.submit(part, *arguments) for arguments in (("signals", SIGNALS), ("outages", OUTAGES), ("others", others))]
        for done in parts:
            tally(*done.result())


def sanitizers(full, fuzz, reports):
    """At a low priority, beside integration and browser tests, which leave the processor idle much of the time."""
    for preset, rooms in SANITIZED.items():
        targets = ["all"] if full else [f"test_{room}" for room in rooms]
        if check(f"build ({preset})", [*AT_LEISURE, "scripts/build", preset, *targets]):
            unit_tests(preset, all_programs(preset) if full else targets, reports, BEHIND)
    if fuzz:
        check("build (fuzz)", [*AT_LEISURE, "scripts/build", "fuzz", *(path.stem for path in sorted((ROOT / "tests" / "fuzz").glob("*_fuzz.cpp")))])


def main():
    full = "full" in sys.argv[1:]
    fuzz = full or "fuzz" in sys.argv[1:]
    fuzz_seconds = os.environ.get("FUZZ_SECONDS", "120" if full else "20")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penstock-test-") as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        reports = pathlib.Path(folder)
        released = check("build (release)", ["scripts/build", "release", "all", "benches"])
        sanitized = pool.submit(sanitizers, full, fuzz, reports)
        if released:
            unit_tests("release", all_programs("release"), reports)
            rules_and_corpora("release", reports)
            integration_tests(reports)
            check("browser tests", ["scripts/browser-tests", *(["mock"] if full else [])], timeout=900)
            check("instructions of the hot paths", ["/usr/bin/python3", "bench/instructions.py"])
        sanitized.result()
        if full:
            check("every header compiles alone", ["scripts/build", "release", "header_checks"])
            check("mutants are noticed", ["tests/mutants.py"], quiet=False)
        if fuzz:
            check(f"fuzzing, {fuzz_seconds} s a target", ["tests/fuzz/run", fuzz_seconds], quiet=False)
    print(f"took {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
