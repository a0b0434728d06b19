import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import Server  # noqa: E402


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
