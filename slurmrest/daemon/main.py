"""The command `slurmrestd`: loads what it is made of, and runs it."""

from __future__ import annotations

import gc
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run slurmrestd. Gives the exit status, or ends with SystemExit when it has served."""
    # Modules are many objects and no garbage: to look for it again and again takes 5 ms, a request's in inetd mode.
    gc.disable()
    from . import command

    # They stay as long as the process, so that no later search need look at them, nor one in a worker copy them.
    gc.freeze()
    gc.enable()
    return command.main(arguments)
