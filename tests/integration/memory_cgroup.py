"""A memory cgroup of a test's own: a limit that the kernel enforces, by version 1 or 2 of the cgroups."""

import contextlib
import dataclasses
import os
import pathlib
import tempfile

from harness import wait_until

MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Version:
    """The names of one version's files; `kills` is a file that holds a key and a number on each line, and the key."""

    limit: str
    swap: str  # may be absent, where the kernel does not account for swap
    peak: str  # absent before Linux 5.19 in version 2
    kills: tuple


V1 = Version("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max_usage_in_bytes", ("memory.oom_control", "oom_kill"))
V2 = Version("memory.max", "memory.swap.max", "memory.peak", ("memory.events", "oom_kill"))


def hierarchies(mounts="/proc/self/mounts"):
    """Where memory cgroups may be made here: [(mount point, version)]."""
    found = []
    for line in pathlib.Path(mounts).read_text().splitlines():
        _, point, kind, options = line.split()[:4]
        if kind == "cgroup" and "memory" in options.split(","):
            found.append((pathlib.Path(point), V1))
        elif kind == "cgroup2" and "memory" in (pathlib.Path(point) / "cgroup.controllers").read_text().split():
            found.append((pathlib.Path(point), V2))
    return found


class MemoryCgroup:
    """Who joined, and all it starts from then on, has `limit` bytes together: page cache and the kernel's own memory count, and swap
    adds nothing. Made on entering, gone on leaving, when all that joined must have ended."""

    enforced = True

    def __init__(self, limit, where=None):
        self.limit = limit
        self.where = where
        self.path = None

    def __enter__(self):
        point, self.version = self.where or next(iter(hierarchies()), (None, None))
        if point is None:
            raise OSError("no memory cgroup is mounted")
        with contextlib.suppress(FileNotFoundError):  # version 2 alone; only the kernel's first group may have this and processes too
            if "memory" not in (point / "cgroup.subtree_control").read_text().split():
                (point / "cgroup.subtree_control").write_text("+memory")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="penstock-it-", dir=point))
        try:
            (self.path / self.version.limit).write_text(str(self.limit))
            if (self.path / self.version.swap).exists():
                # Version 1 counts memory and swap as one, version 2 swap alone.
                (self.path / self.version.swap).write_text(str(self.limit if self.version is V1 else 0))
        except OSError:
            self.path.rmdir()
            raise
        return self

    def __exit__(self, *_):
        wait_until(self.is_removed, 10, f"{self.path} to be left by all")

    def is_removed(self):
        with contextlib.suppress(OSError):  # a process that was killed stays until the kernel is done with it
            self.path.rmdir()
        return not self.path.exists()

    def join(self):
        """For a child between fork and exec."""
        (self.path / "cgroup.procs").write_text("0")

    def number(self, file, key=None):
        with contextlib.suppress(FileNotFoundError):
            for line in (self.path / file).read_text().splitlines():
                words = line.split()
                if key is None or words[0] == key:
                    return int(words[-1])
        return None

    def members(self):
        return [int(word) for word in (self.path / "cgroup.procs").read_text().split()]

    def check(self):
        kills = self.number(*self.version.kills)
        assert kills == 0, f"the kernel killed {kills} processes for want of memory: {self}"

    def __str__(self):
        peak = self.number(self.version.peak)
        return (f"cgroup of {self.limit / MIB:.0f} MiB: peak with page cache and kernel memory "
                f"{'unknown' if peak is None else f'{peak / MIB:.1f} MiB'}, "
                f"killed {self.number(*self.version.kills)}")


class NoCgroup:
    """Stands in where none can be made: whoever tests memory still has the high-water marks."""

    enforced = False
    join = None

    def check(self):
        pass

    def __str__(self):
        return f"no cgroup: {why_not()}"


def why_not():
    """Why this machine has no memory cgroup for a test; empty when it has."""
    try:
        with MemoryCgroup(64 * MIB):
            return ""
    except OSError as problem:
        return f"{problem}" + ("" if os.geteuid() == 0 else " (only root may make one)")


@contextlib.contextmanager
def memory_limit(limit):
    """A cgroup where one can be made; conftest.py says aloud where not."""
    if why_not():
        yield NoCgroup()
        return
    with MemoryCgroup(limit) as group:
        yield group
        group.check()
