"""`python -m slurmrest` is `slurmrestd`."""

import sys

from .daemon.main import main

if __name__ == "__main__":
    sys.exit(main())
