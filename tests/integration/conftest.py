import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import Server  # noqa: E402
from small_disk import why_not  # noqa: E402


@pytest.fixture(scope="module")
def server():
    """One server for all tests of a file; tests keep apart by the deployment they use."""
    with Server() as running:
        yield running


@pytest.fixture
def fresh():
    """A server of the test's own, which it may kill."""
    with Server() as running:
        yield running


def pytest_configure(config):
    config.addinivalue_line("markers", "mounts: needs to mount a file system of its own")


def pytest_collection_modifyitems(config, items):
    """Tests that mount are left out, and named, where nothing can be mounted; everywhere else they run."""
    mounting = [item for item in items if item.get_closest_marker("mounts")]
    if mounting and (reason := why_not()):
        config.hook.pytest_deselected(items=mounting)
        items[:] = [item for item in items if item not in mounting]
        config.penstock_left_out = f"{len(mounting)} tests that fill a disk are NOT RUN on this machine: {reason}"


def pytest_terminal_summary(terminalreporter, config):
    if left_out := getattr(config, "penstock_left_out", None):
        terminalreporter.write_line(left_out, yellow=True)
