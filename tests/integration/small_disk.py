"""A small ext4 of a test's own, on a loop mount: a disk that can be filled."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile


def tried(*command):
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()


class SmallDisk:
    """Mounted on entering, gone on leaving. `path` is its folder."""

    def __init__(self, mebibytes=64):
        self.mebibytes = mebibytes
        self.folder = self.path = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-it-disk-", dir="/tmp"))
        self.folder.chmod(0o755)
        image, self.path = self.folder / "image", self.folder / "disk"
        self.path.mkdir()
        with open(image, "wb") as file:
            file.truncate(self.mebibytes << 20)
        # Nothing kept for root: what is free is free for everybody, the test included.
        if problem := tried("mkfs.ext4", "-q", "-m", "0", str(image)) or tried("mount", "-o", "loop", str(image), str(self.path)):
            shutil.rmtree(self.folder, ignore_errors=True)
            raise OSError(problem)
        self.path.chmod(0o755)
        return self

    def __exit__(self, *_):
        tried("umount", str(self.path)) and tried("umount", "-l", str(self.path))
        shutil.rmtree(self.folder, ignore_errors=True)

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


def why_not():
    """Why this machine has no small disks; empty when it has."""
    if os.geteuid() != 0:
        return "only root may mount"
    try:
        with SmallDisk(8):
            return ""
    except OSError as problem:
        return f"a loop mount does not work here: {problem}"
