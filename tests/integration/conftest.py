import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import Server  # noqa: E402
import memory_cgroup  # noqa: E402
import small_disk  # noqa: E402


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
    config.addinivalue_line("markers", "mounts(kind): needs to mount a file system of its own, ext4 unless another is named")
    config.addinivalue_line("markers", "memory_limit: has the kernel enforce a memory limit, where it can be asked to")


def pytest_collection_modifyitems(config, items):
    """Tests that mount are left out, and named, where nothing can be mounted; everywhere else they run."""
    said = config.penstock_said = []
    mounting = {}
    for item in items:
        if marker := item.get_closest_marker("mounts"):
            mounting.setdefault(marker.args[0] if marker.args else "ext4", []).append(item)
    for kind, left_out in mounting.items():
        if reason := small_disk.why_not(kind):
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
            said.append(f"{len(left_out)} tests on a disk of their own are NOT RUN on this machine: {reason}")
    limited = [item for item in items if item.get_closest_marker("memory_limit")]
    if limited and (reason := memory_cgroup.why_not()):
        said.append(f"{len(limited)} tests of memory have NO LIMIT ENFORCED on this machine, and only look at the processes' own "
                    f"high-water marks: {reason}")


def pytest_terminal_summary(terminalreporter, config):
    for line in getattr(config, "penstock_said", []):
        terminalreporter.write_line(line, yellow=True)
