"""A program: prints "token JWT" for a user, fetched over munge, or "error NUMBER".

    python -P -S own_token.py LIBRARY SLURM_CONF LIFESPAN USER

identity.py runs it, in an environment without SLURM_JWT. Nothing of this package is imported: that would take twice as
long as all that is done here, and where slurmrestd answers one request a process, each request would pay for it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MODE = os.RTLD_NOW | os.RTLD_GLOBAL | os.RTLD_DEEPBIND
"""As in library.py."""

UNKNOWN = -1
"""As in errors.py."""


def main(arguments: Sequence[str]) -> str:
    """Fetch a token. Source: slurm_init, slurm_fetch_token, slurm.h."""
    path, conf, lifespan, user = arguments
    library = ctypes.CDLL(path, mode=MODE, use_errno=True)
    library.slurm_init(os.fsencode(conf) if conf else None)
    library.slurm_fetch_token.restype = ctypes.c_char_p
    ctypes.set_errno(0)
    token = library.slurm_fetch_token(os.fsencode(user), ctypes.c_int(int(lifespan)))
    return f"token {token.decode('ascii')}" if token else f"error {ctypes.get_errno() or UNKNOWN}"


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:]))
