"""What can go wrong between Python and libslurm.

    Exception
     ├─ SlurmError             a C call failed: number, name, text, function
     │   └─ SlurmUnsupported   the loaded release has no such function
     ├─ ConfigurationError     libslurm cannot be used here: one line that says why
     └─ ClosedError            a C pointer was used after its Owned was closed

There is no class per error number: branch on `SlurmError.name`.
"""

from __future__ import annotations

UNKNOWN = -1
"""Number of a SlurmError whose C function left no number at all."""


class SlurmError(Exception):
    """A call into libslurm that failed.

    number: Slurm's error number (1000 and up), or an errno of the system, or -1 where unknown.
    name: the number's name in slurm_errno.h ("ESLURM_INVALID_JOB_ID") or errno.h ("ECONNREFUSED"), else "".
    text: what slurm_strerror says of it. function: the C function that failed.
    """

    def __init__(self, number: int, name: str, text: str, function: str) -> None:
        super().__init__(number, name, text, function)
        self.number = number
        self.name = name
        self.text = text
        self.function = function

    def __str__(self) -> str:
        return f"{self.function}: {self.text} ({self.name or self.number})"


class SlurmUnsupported(SlurmError):
    """The loaded libslurm has no such function.

    The text names the function, this release and those that have it.
    """

    def __init__(self, text: str, function: str) -> None:
        super().__init__(UNKNOWN, "", text, function)

    def __str__(self) -> str:
        return self.text


class ConfigurationError(Exception):
    """libslurm cannot be used: its text is one line with what was tried, on what, and what was expected."""


class ClosedError(RuntimeError):
    """A pointer into libslurm's memory was used after its owner was closed."""
