"""A small file system of a test's own, on a loop mount: a disk that can be filled, and whose power can be cut."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from harness import wait_until

# _IOR('X', 125, __u32), named EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN: from here on nothing more reaches the disk.
SHUTDOWN = 2 << 30 | 4 << 16 | ord("X") << 8 | 125
LOG_FLUSH, NO_LOG_FLUSH = 1, 2  # with what the file system's own log still has in memory, and without: a power cut
# kind: (how it is made, the least MiB it is made with). ext4 keeps nothing for root: what is free is free for everybody.
KINDS = {"ext4": (["mkfs.ext4", "-q", "-m", "0"], 1), "xfs": (["mkfs.xfs", "-q"], 300)}


def tried(*command):
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip() or f"{command[0]} ended with {done.returncode}"


class SmallDisk:
    """Mounted on entering, gone on leaving. `path` is its folder."""

    def __init__(self, mebibytes=64, kind="ext4"):
        self.kind = kind
        self.make, least = KINDS[kind]
        self.mebibytes = max(mebibytes, least)
        self.folder = self.image = self.path = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-it-disk-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.image, self.path = self.folder / "image", self.folder / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(self.mebibytes << 20)
        try:
            if problem := tried(*self.make, str(self.image)):
                raise OSError(problem)
            self.mount()
        except OSError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.path.chmod(0o755)
        return self

    def __exit__(self, *_):
        tried("umount", str(self.path)) and tried("umount", "-l", str(self.path))
        shutil.rmtree(self.folder, ignore_errors=True)

    def mount(self):
        if problem := tried("mount", "-t", self.kind, "-o", "loop", str(self.image), str(self.path)):
            raise OSError(problem)

    def cut_power(self, how=NO_LOG_FLUSH):
        """What the file system has not brought to the disk is gone, and every call on it fails until power_on()."""
        with folder_of(self.path) as descriptor:
            fcntl.ioctl(descriptor, SHUTDOWN, struct.pack("I", how))

    def power_on(self):
        """As after a power cut: the file system recovers from its log. Nobody may have files open on it any more."""
        # A process that was killed holds its files until the kernel is done with it.
        wait_until(lambda: not tried("umount", str(self.path)), 10, "the file system to be left by all")
        self.mount()

    def free(self):
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def fill(self):
        """A stranger's file takes all that is left."""
        stranger = self.path / "stranger"
        with open(stranger, "ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))
        return stranger


@contextlib.contextmanager
def folder_of(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def why_not(kind="ext4"):
    """Why this machine has no small disks of this kind; empty when it has."""
    if os.geteuid() != 0:
        return "only root may mount"
    try:
        with SmallDisk(8, kind):
            return ""
    except OSError as problem:
        return f"a loop mount of {kind} does not work here: {problem}"
