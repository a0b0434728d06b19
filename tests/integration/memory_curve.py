"""Memory of processes over time, as the kernel counts it: a page that several share counts once (PSS)."""

import contextlib
import pathlib
import threading
import time

MIB = 1 << 20


def descendants(pid):
    """The process and all that came from it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
                found += [int(word) for word in (task / "children").read_text().split()]
    return found


def proportional(pid):
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class Curve(threading.Thread):
    """Looks every `every` seconds at what each name's processes hold: {name: function that gives the process numbers}."""

    def __init__(self, every=0.25, **watched):
        super().__init__(daemon=True)
        self.every, self.watched = every, watched
        self.points, self.marks = [], []
        self.over = threading.Event()

    def __enter__(self):
        self.started = time.monotonic()
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        while not self.over.wait(self.every):
            held = {name: sum(map(proportional, pids())) for name, pids in self.watched.items()}
            self.points.append((time.monotonic() - self.started, held))

    def mark(self, what):
        self.marks.append((time.monotonic() - self.started, what))

    def peak(self, *names):
        """Of the sum of these; of all when none is named."""
        names = names or tuple(self.watched)
        return max((sum(held[name] for name in names) for _, held in self.points), default=0)

    def print(self, lines=40):
        """The curve in so many lines, each the peak of its stretch."""
        step = max(1, len(self.points) // lines)
        marks = list(self.marks)
        for begin in range(0, len(self.points), step):
            stretch = self.points[begin:begin + step]
            while marks and marks[0][0] <= stretch[-1][0]:
                print(f"         -- {marks.pop(0)[1]}")
            total = max(sum(held.values()) for _, held in stretch)
            parts = "  ".join(f"{name} {max(held[name] for _, held in stretch) / MIB:6.1f}" for name in self.watched)
            print(f"{stretch[0][0]:7.1f} s {total / MIB:7.1f} MiB  {parts}  {'#' * int(total / MIB / 4)}")
