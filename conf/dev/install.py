"""What the development cluster and the tests need: Debian packages, the daemon's user, the environment.

Everything is checked first, in a fraction of a second, and installed only where it is missing.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from settings import CHECKOUT, DAEMON_USER, Failure, Settings, home, venv

# The system's own Python: the daemon's user may not reach one under somebody's home.
PYTHON = "/usr/bin/python3"
# gcc and python3-dev build gunicorn's parser; gcc and libslurm-dev are for the test of the layouts.
TOOLS = ("python3-venv", "python3-dev", "gcc", "libc6-dev", "make", "curl")
# What only tests run: openapi-generator needs Java, the examples in docs have jq, the files in conf are tried, and
# some tests have a network of their own; layouts are compared with the headers as another processor has them, and
# answers with those of the C daemon.
TESTS = (
    "default-jre-headless",
    "gcc-aarch64-linux-gnu",
    "iproute2",
    "jq",
    "libc6-dev-arm64-cross",
    "nginx",
    "openssl",
    "slurmrestd",
    "systemd",
    "xinetd",
)
SLURM = (
    *("slurmctld", "slurmd", "slurmdbd", "slurm-client", "libslurm-dev", "munge"),
    *("slurm-wlm-basic-plugins", "slurm-wlm-mysql-plugin", "slurm-wlm-jwt-plugin"),
    *("mariadb-server-core", "mariadb-client-core", "hostname"),
)
PROGRAMS = ("curl", "gcc", "mariadbd", "munged", "scontrol", "slurmctld", "slurmd", "slurmdbd", "unshare")
# Those that bring a service of their own name, which is not wanted: the cluster has its own daemons.
UNITS = ("munge", "nginx", "slurmctld", "slurmd", "slurmdbd", "slurmrestd", "xinetd")
POLICY = Path("/usr/sbin/policy-rc.d")


def everything(settings: Settings, *, tests: bool = False) -> None:
    """Install what is missing for the cluster, or, where an existing one is served, for the daemon alone.

    tests: also for the tests.
    """
    packages(TOOLS if settings.conf else TOOLS + SLURM, () if settings.conf else PROGRAMS)
    if tests:
        packages(TESTS, ("aarch64-linux-gnu-gcc", "ip", "java", "jq", "nginx", "openssl", "systemd-analyze", "xinetd"))
    if os.getuid() == 0:
        make_user()
    environment()
    bytecode()


def packages(wanted: tuple[str, ...], programs: tuple[str, ...]) -> None:
    """Install Debian packages; elsewhere, see that the programs are there."""
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        if missing := [name for name in programs if shutil.which(name) is None]:
            raise Failure(f"not a Debian system: install Slurm, munge, MariaDB, curl, gcc (no {', '.join(missing)})")
        return
    query = ("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted)
    there = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
    if missing := [name for name in wanted if f"{name} installed" not in there]:
        apt(missing)


def apt(missing: list[str]) -> None:
    """Install packages, without starting any service, now or at the next boot."""
    if os.getuid() != 0:
        raise Failure(f"install these packages: {' '.join(missing)}")
    line = ("apt-get", "--quiet", "--quiet", "--yes", "--no-install-recommends", "install", *missing)
    variables = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    units = [name for name in missing if name in UNITS]
    with services_kept_down():
        # Lists may be missing or old; they are fetched only when that shows.
        if subprocess.run(line, env=variables, check=False, capture_output=True).returncode != 0:
            subprocess.run(("apt-get", "--quiet", "--quiet", "update"), env=variables, check=False)
            if subprocess.run(line, env=variables, check=False).returncode != 0:
                raise Failure(f"apt-get could not install {' '.join(missing)}")
    for unit in units:
        subprocess.run(("deb-systemd-helper", "disable", f"{unit}.service"), check=False, capture_output=True)
        subprocess.run(("update-rc.d", unit, "disable"), check=False, capture_output=True)


@contextlib.contextmanager
def services_kept_down() -> Iterator[None]:
    """Keep packages from starting the services they bring, by policy-rc.d; a site's own is left alone."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def make_user() -> None:
    """Make the daemon's user where there is none."""
    with contextlib.suppress(KeyError):
        pwd.getpwnam(DAEMON_USER)
        return
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
    subprocess.run(("useradd", *options, "--shell", "/usr/sbin/nologin", DAEMON_USER), check=True)


def environment() -> None:
    """Make the virtual environment, with the requirements and the project in it, or bring it up to date."""
    place = venv()
    stamp = place / "installed"
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    stamp.unlink(missing_ok=True)
    if (place / "bin" / "python3").resolve() != Path(PYTHON).resolve():
        step(PYTHON, "-m", "venv", "--clear", str(place))
    pip(place, "-r", str(CHECKOUT / "requirements-dev.txt"))
    # What the daemon's user cannot reach in the checkout is copied into the environment.
    project = ("--editable", str(CHECKOUT)) if home() == CHECKOUT else (str(CHECKOUT),)
    shutil.rmtree(CHECKOUT / "build", ignore_errors=True)
    pip(place, "--no-deps", "--no-build-isolation", "--force-reinstall", *project)
    stamp.write_text(wanted, encoding="utf-8")


def bytecode() -> None:
    """Compile the sources beside themselves, where the daemon's user may not: each process would do it anew, for 0.1 s.

    Only what has changed is compiled. A copy of the sources in the environment, pip has compiled.
    """
    if home() == CHECKOUT:
        line = (str(venv() / "bin" / "python3"), "-m", "compileall", "-q", "-q", "slurmrest", "bindings")
        # Whoever may not write here either goes on without.
        subprocess.run(line, cwd=CHECKOUT, check=False)


def pip(place: Path, *arguments: str) -> None:
    """Install into the virtual environment."""
    quiet = ("--quiet", "--quiet", "--no-input", "--disable-pip-version-check")
    step(str(place / "bin" / "python3"), "-m", "pip", "install", *quiet, *arguments)


def step(*argv: str) -> None:
    """Run a step of the installation. Raises: Failure naming it where it fails; its output was shown."""
    if subprocess.run(argv, check=False).returncode != 0:
        raise Failure(f"failed: {' '.join(argv)}")


def fingerprint() -> str:
    """What the virtual environment depends on; also the sources, where it holds a copy of them."""
    names = ("requirements.txt", "requirements-dev.txt", "setup.cfg", "pyproject.toml")
    files = [CHECKOUT / name for name in names]
    if home() != CHECKOUT:
        roots = (CHECKOUT / "slurmrest", CHECKOUT / "bindings")
        files += sorted(path for root in roots for kind in ("*.py", "*.json") for path in root.rglob(kind))
    digest = hashlib.sha256(os.fsencode(Path(PYTHON).resolve()))
    for path in files:
        digest.update(os.fsencode(path) + b"\0" + path.read_bytes())
    return digest.hexdigest()
