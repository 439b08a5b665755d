"""Resident memory of processes by /proc, in bytes."""

from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
PEAK, NOW = "VmHWM", "VmRSS"


def resident(pid: int, what: str = NOW) -> int:
    """What status says under NOW or PEAK, the most since the last reset."""
    return _kilobytes(PROC / str(pid) / "status", what)


def proportional(pid: int) -> int:
    """Resident memory where a page that several processes share counts in parts."""
    return _kilobytes(PROC / str(pid) / "smaps_rollup", "Pss")


def reset_peak(pid: int) -> None:
    """Let PEAK start again from what is resident now. Source: clear_refs, proc(5)."""
    (PROC / str(pid) / "clear_refs").write_text("5")


def _kilobytes(path: Path, name: str) -> int:
    lines = path.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Watch:
    """How the memory of some processes grows from now on. before: what each held."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.before = {pid: resident(pid) for pid in pids}
        self.start()

    def start(self) -> None:
        """Let the peak start again."""
        for pid in self.before:
            reset_peak(pid)

    def growth(self, what: str) -> int:
        """How much all of them hold more than before, at the PEAK or NOW."""
        return sum(self.grown(pid, what) for pid in self.before)

    def grown(self, pid: int, what: str) -> int:
        """How much one of them holds more; nothing where it has ended, as a worker does that was replaced."""
        try:
            return resident(pid, what) - self.before[pid]
        except (OSError, StopIteration):
            return 0

    def serving(self) -> int:
        """The process whose peak is the most above where it began."""
        return max(self.before, key=lambda pid: self.grown(pid, PEAK))
