"""The commands of the program, as somebody types them."""

import os
import subprocess

from harness import PROGRAM


def run(*arguments, data=None, environment=None, text=None, timeout=60):
    command = [str(PROGRAM), *arguments]
    if data:
        command += ["--data-dir", str(data)]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=False,
                          env={**os.environ, **(environment or {})})


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
