#!/usr/bin/env python3
"""Breaks Penstock on purpose, one promise at a time, and shows that the tests notice.

Usage: tests/mutants.py [--list] [NAME…]

Each mutant is one edit of a copy of the sources (build/mutants/source). Its tests must fail; before that, the same tests must pass on the copy
as it is. Ends with "N passed, N failed", where a mutant that the tests notice has passed.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
SOURCE, BUILD = WORK / "source", WORK / "build"
# Enough to notice; the usual amounts are for finding what nobody thought of.
FEW = {"POWER_CUTS": "1500", "BIT_FLIPS": "300", "QUEUE_OPERATIONS": "1000000", "WAKE_UPS": "2000"}

# name: (file, what stands there, what stands there instead, test program)
MUTANTS = {
    "skip-fdatasync": ("src/journal/segment_writer.cpp",
                       "  if (auto done = active.segment.file->sync_data(); !done) return std::move(done).error();\n"
                       '  failpoint("journal.sync.after");\n',
                       "", "test_journal"),
    "answer-before-the-write": ("src/journal/writer.cpp", "  const auto written = write(frame);\n",
                                "  Sequence early = first;\n"
                                "  for (Submission& submission : batch_) {\n"
                                "    if (submission.done) submission.done(early);\n"
                                "    submission.done = nullptr;\n"
                                "    early += submission.count;\n"
                                "  }\n"
                                "  const auto written = write(frame);\n", "test_journal"),
    "skip-directory-sync": ("src/journal/segment_factory.cpp",
                            "  auto done = state_.files.sync_directory(state_.options.directory);\n", "  Result<void> done;\n",
                            "test_journal"),
    "ignore-payload-checksum": ("src/journal/frame_codec.cpp",
                                'if (!payload_matches(place, header, payload)) return damaged("A frame of the journal fails its checksum.");',
                                "static_cast<void>(payload_matches(place, header, payload));", "test_journal"),
    "sync-again-after-a-failed-sync": ("src/journal/segment_writer.cpp",
                                       '{{"reason", done.error().message}});\n    abandon();\n', '{{"reason", done.error().message}});\n',
                                       "test_journal"),
    "remove-segments-a-sink-still-needs": ("src/journal/segment_catalog.cpp", "c.second >= segment.end;", "c.second > 0;",
                                           "test_journal"),
    "part-forgets-its-earliest-record": ("src/journal/segment_catalog.cpp",
                                         "  part.min_time = std::min(part.min_time, frame.min_time);\n", "", "test_journal"),
    "no-disk-budget": ("src/journal/intake.cpp", "if (!state_.room.admits(pending))", "if (false && !state_.room.admits(pending))",
                       "test_journal"),
    "cursor-file-without-sync": ("src/journal/cursor_file.cpp", "  return file.sync_data();\n", "  return {};\n", "test_journal"),
    "lost-wake-up": ("src/journal/intake.cpp", "  signal_.notify();\n  return admitted;\n", "  return admitted;\n", "test_journal"),
    "step-forgotten-at-the-start": ("src/journal/recovery.cpp", "if (may_step && stood_at != 0", "if (false && stood_at != 0", "test_journal"),
    "store-cursor-not-compared": ("src/postgres/commit_writer.cpp", '"AND position = $2::bigint AND session = $4::bigint"',
                                  '"AND $2::bigint IS NOT NULL AND $4::bigint IS NOT NULL"',
                                  "itest_postgres"),
    "commit-in-doubt-taken-for-done": ("src/sinks/store/store_sink.cpp", "      in_doubt_ = true;\n      return wait_for_store(error);\n",
                                       "      delivered_pending();\n      return {};\n", "test_sinks"),
}


def copy_sources():
    """The tracked files and those not yet added; only what changed is written, so that builds stay small."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True)
    wanted = {name for name in listed.stdout.decode().splitlines() if (ROOT / name).is_file()}
    for name in wanted:
        put(SOURCE / name, (ROOT / name).read_bytes(), os.stat(ROOT / name).st_mode)
    for path in SOURCE.rglob("*"):
        if path.is_file() and str(path.relative_to(SOURCE)) not in wanted:
            path.unlink()


def put(path, content, mode=None):
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if mode is not None:
        path.chmod(mode)


def build(program):
    """None when it built, else what the compiler said."""
    done = subprocess.run(["cmake", "--build", str(BUILD), "--target", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return None if done.returncode == 0 else done.stdout.decode(errors="replace")[-3000:]


def failures(program):
    """The first test that failed; a crash or a hang counts as one. The rest is not run: a broken program may hang in it."""
    try:
        done = subprocess.run([str(BUILD / program), "--gtest_brief=1", "--gtest_fail_fast"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=300, env={**os.environ, **FEW})
    except subprocess.TimeoutExpired:
        return ["(it hung)"]
    names = re.findall(r"^\[  FAILED  \] (\S+?),? ", done.stdout.decode(errors="replace"), re.M)
    names = sorted({name for name in names if "." in name})
    return names or (["(it crashed)"] if done.returncode else [])


def main():
    if "--help" in sys.argv[1:] or "-h" in sys.argv[1:]:
        print(__doc__)
        return 0
    if "--list" in sys.argv[1:]:
        print("\n".join(MUTANTS))
        return 0
    names = sys.argv[1:] or list(MUTANTS)
    unknown = [name for name in names if name not in MUTANTS]
    if unknown:
        print(f"no mutant is called {', '.join(unknown)}; see --list", file=sys.stderr)
        return 2
    copy_sources()
    # Small optimisation and no units of several files: one edit is one short compilation.
    subprocess.run(["cmake", "-S", str(SOURCE), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1", "-DPENSTOCK_TESTS=ON"],
                   stdout=subprocess.DEVNULL, check=True)
    passed = failed = 0
    for program in sorted({MUTANTS[name][3] for name in names}):
        said = build(program) or (lambda found: found and f"fails without any mutant: {', '.join(found)}")(failures(program))
        if said:
            print(f"{program}: {said}")
            failed += 1
    for name in names if failed == 0 else []:
        file, old, new, program = MUTANTS[name]
        path, good = SOURCE / file, (SOURCE / file).read_bytes()
        if good.decode().count(old) != 1:
            print(f"FAILED  {name}: {file} no longer has the place it edits, or has it twice")
            failed += 1
            continue
        put(path, good.decode().replace(old, new).encode())
        said = build(program)
        begun = time.monotonic()
        found = [] if said else failures(program)
        put(path, good)
        if found:
            print(f"ok      {name}: noticed by {found[0]}, {time.monotonic() - begun:.0f} s", flush=True)
            passed += 1
        else:
            print(f"FAILED  {name}: " + (f"does not build\n{said}" if said else "no test notices it"), flush=True)
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
