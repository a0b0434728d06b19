#!/usr/bin/env python3
"""Nothing unfinished is committed, and tests wait for conditions, not for time."""
import re

import rule

FOLDERS = ["src", "include", "tests", "bench", "web", "cmake", "scripts", "docker", "migrations", "CMakeLists.txt", "README.md"]
SUFFIXES = {".hpp", ".cpp", ".h", ".py", ".js", ".mjs", ".html", ".css", ".cmake", ".txt", ".md", ".sh", ".sql", ".json", ".toml", ".yml", ".yaml", ""}
# Spelled in two halves, so that this file passes.
WORDS = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "W" + "IP"]) + r")\b")
SLEEPS = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep|waitForTimeout)\s*\(|\btime\.sleep\s*\(|\basyncio\.sleep\s*\(|(?<![\w.:])sleep\s*\(\s*\d")
OFF = re.compile(r"\bDISABLED_\w+|\b(?:test|it|describe)\.(?:only|skip)\s*\(|@pytest\.mark\.skip\b|@unittest\.skip\b")
# The only places that may sleep: helpers that poll for a condition until a deadline, and a loop that says on its own line what it
# waits for.
WAIT_HELPERS = re.compile(r"^tests/support/|^tests/\w+/support/|(?:^|/)\w*(?:harness|wait)\w*\.\w+$")
POLL = re.compile(r"^\s*while\s*\(")
SELF = "tests/rules/unfinished.py"


def is_wait_helper(path):
    return bool(WAIT_HELPERS.search(str(path)))


def check(root):
    said = []
    for path in rule.files(root, FOLDERS, SUFFIXES):
        if str(path) == SELF:
            continue
        in_tests = path.parts[0] == "tests"
        for number, line in enumerate(rule.read(root, path).splitlines(), 1):
            where = f"{path}:{number}"
            if word := WORDS.search(line):
                said.append(f"{where}: {word.group()} marks something unfinished: finish it, or take it out and say so in the commit.")
            if in_tests and not is_wait_helper(path) and SLEEPS.search(line) and not POLL.match(line):
                said.append(f"{where}: a test sleeps: wait for the condition with a helper of tests/support, or move a fake clock.")
            if in_tests and (off := OFF.search(line)):
                said.append(f"{where}: {off.group().strip('(')} turns a test off: repair it or remove it.")
    return said


SKELETON = {
    "src/base/x.cpp": "// Hackney, fixmen, Todor: words that only look like it\n",
    "tests/support/wait.hpp": "std::this_thread::sleep_for(1ms);\n",
    "tests/integration/support/wait.py": "time.sleep(0.01)\n",
    "tests/unit/http/server_harness.hpp": "std::this_thread::sleep_for(1ms);\n",
    "tests/unit/poll_test.cpp": "while (!done()) std::this_thread::sleep_for(1ms);\n",
    "tests/unit/x_test.cpp": "clock.advance(1s); backoff_sleeps(); // asleep (not)\n",
    "tests/fuzz/corpus/a/XX" + "X": "TO" + "DO",
}
SELF_TEST = [
    ("src/base/y.cpp", "// TO" + "DO: later\n", "unfinished"),
    ("include/penstock/core/y.hpp", "// FIX" + "ME\n", "unfinished"),
    ("web/app.js", "// XX" + "X\n", "unfinished"),
    ("scripts/run", "# HA" + "CK around it\n", "unfinished"),
    ("tests/unit/y_test.cpp", "std::this_thread::sleep_for(10ms);\n", "a test sleeps"),
    ("tests/unit/y_test.cpp", "  usleep(100);\n", "a test sleeps"),
    ("tests/integration/test_y.py", "    time.sleep(1)\n", "a test sleeps"),
    ("tests/browser/y.mjs", "await page.waitForTimeout(100);\n", "a test sleeps"),
    ("tests/unit/y_test.cpp", "TEST(Journal, DISABLED_Keeps) {}\n", "turns a test off"),
    ("tests/browser/y.mjs", "test.only('x', () => {});\n", "turns a test off"),
    ("tests/integration/test_y.py", "@pytest.mark.skip\n", "turns a test off"),
]

if __name__ == "__main__":
    rule.main(check, SKELETON, SELF_TEST)
