"""What a newcomer copies and pastes works as it is printed."""

import json
import os
import re
import subprocess

import pytest

from harness import ROOT, TOKEN, Server


def paste(line, **environment):
    return subprocess.run(["bash", "-c", line], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


def test_the_line_that_a_new_server_prints_sends_a_record():
    with Server(token=None) as server:
        line = re.search(r"^  (curl .+)$", server.output(), re.M).group(1)
        done = paste(line)
        assert done.returncode == 0 and json.loads(done.stdout)["accepted"] == 1, done
        server.token = re.search(r"Bearer (\S+?)'", line).group(1)
        answer = server.request("GET", "/api/v1/logs", token=server.token).json()
        assert [record["message"] for record in answer["records"]] == ["hello"]


def lines_of_the_readme():
    return re.findall(r"^(curl .+?)(?: +#.*)?$", (ROOT / "README.md").read_text(), re.M)


def test_the_readme_has_lines_to_paste():
    assert len(lines_of_the_readme()) >= 2


@pytest.mark.parametrize("line", lines_of_the_readme())
def test_a_line_of_the_readme_does_what_it_says(server, line):
    here = line.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{server.port}")
    assert here != line
    done = paste(here.replace("curl ", "curl --fail-with-body ", 1), PENSTOCK_TOKEN=TOKEN)
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert answer.get("accepted") == 1 or "records" in answer, answer
