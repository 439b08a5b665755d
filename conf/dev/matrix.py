#!/usr/bin/python3
"""The tests on other releases of Slurm: each a Debian suite in a folder, with Slurm, Python and all else from there.

    matrix.py [SUITE | CLIENT@CONTROLLER …] [-- PYTEST_ARGUMENT …]

Without names, all suites and all pairs; without arguments of pytest, the tests that concern Slurm. A pair is our daemon
with the libslurm of one suite on the cluster of another, see mixed.py. A folder is made once, in .dev/matrix, and used
again: remove it to have the suite's newest packages. Tests run in namespaces of their own (processes, mounts, network
with nothing but loopback), so that suites run beside each other and beside the development cluster, and nothing of
them stays. Needs root and debootstrap.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import apart
import install
from settings import CHECKOUT, Failure, lay_out, own_state

RELEASES = {"bookworm": "22.05", "trixie": "24.11", "sid": "26.05"}
"""Debian suite -> the release of Slurm that it has, and that its tests want to see loaded."""
PAIRS = {"trixie@sid": "served", "bookworm@trixie": "refused", "bookworm@sid": "refused", "sid@trixie": "refused"}
"""Client@controller -> whether Slurm's protocol allows it: a controller knows the three releases before its own."""
TESTS = ("tests/bindings", "tests/golden", "tests/live")
MIXED = "tests/live/mixed.py"
LONGEST = 12_000
"""Characters of a failed report that are printed, from its end."""
INCLUDED = "ca-certificates,iproute2,make,python3"
SOURCE = Path("srv/slurmrest")
# Not copied into a folder, which has its own.
LEFT_OUT = (".git", ".dev", ".venv", "__pycache__", ".*_cache", ".hypothesis", "build", "*.egg-info")
# Beside PIP_*: what a site sets so that packages can be fetched at all.
KEPT = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TZ")
IN_SOURCE = ("sh", "-c", f'cd /{SOURCE} && exec "$@"', "sh")


@dataclass(frozen=True)
class Suite:
    """One suite of Debian, in a folder."""

    name: str

    @property
    def root(self) -> Path:
        """The folder."""
        return own_state() / "matrix" / self.name

    @property
    def log(self) -> Path:
        """What its tests printed."""
        return self.root.with_suffix(".log")


def make(suite: Suite) -> None:
    """Make the folder where there is none. It gets its name when it is whole."""
    if suite.root.exists():
        return
    new = suite.root.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    mirror = archive()
    line = ("debootstrap", "--variant=minbase", f"--include={INCLUDED}", suite.name, str(new), mirror)
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"debootstrap of {suite.name} failed: {(done.stdout + done.stderr).strip()[-400:]}")
    (new / "etc/apt/sources.list").write_text(f"deb {mirror} {suite.name} main\n", encoding="utf-8")
    # A mirror's copy of sid may be older than the days for which it was signed.
    (new / "etc/apt/apt.conf.d/90matrix").write_text('Acquire::Check-Valid-Until "false";\n', encoding="utf-8")
    new.rename(suite.root)


def archive() -> str:
    """The Debian archive that this machine uses itself, so that a folder comes from no other host."""
    said = subprocess.run(
        ("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)"), capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"^(\S+/debian/?) Debian$", said, re.MULTILINE)
    if not found:
        raise Failure("no Debian archive in this machine's apt sources, from which to make the folders")
    return found[1]


def bring_sources(suite: Suite) -> None:
    """Put a copy of the checkout into the folder; environment and state of its own stay there."""
    place = suite.root / SOURCE
    for old in place.glob("*"):
        if old.name not in LEFT_OUT:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(CHECKOUT, place, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    # How this machine reaches others: names, and whom it trusts.
    for name in ("etc/hosts", "etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).exists():
            shutil.copyfile(Path("/", name), suite.root / name)


def inside(suite: Suite, *argv: str, network: bool) -> tuple[str, ...]:
    """The command that runs *argv* in the folder, at the sources. network: the machine's, or loopback alone."""
    return apart.command(*IN_SOURCE, *argv, root=suite.root, network=network)


def environment(suite: Suite, **own: str) -> dict[str, str]:
    """What runs in a folder sees of the caller's variables, as little as gets packages, and its own."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("PIP_")}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    fixed = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "SLURMREST_TEST_RELEASE": RELEASES[suite.name]}
    return kept | fixed | own


def prepare(suite: Suite) -> None:
    """Have the folder with the sources and all packages that the tests need."""
    make(suite)
    bring_sources(suite)
    line = inside(suite, "python3", "conf/dev/cluster.py", "install", network=True)
    done = subprocess.run(line, env=environment(suite), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{suite.name}: {(done.stdout + done.stderr).strip()[-800:]}")


def test(name: str, arguments: tuple[str, ...]) -> int:
    """Run the tests of a suite or a pair, and print the report in one line. Returns: the status."""
    client, _, controller = name.partition("@")
    suite, log = Suite(client), Suite(name).log
    pytest = (".venv/bin/pytest", *((MIXED,) if controller else arguments or TESTS))
    if controller:
        roots = (str(Suite(controller).root), str(suite.root))
        line = apart.command("/usr/bin/python3", str(CHECKOUT / "conf/dev/mixed.py"), *roots, *pytest)
    else:
        line = inside(suite, *pytest, network=False)
    variables = environment(suite, SLURMREST_TEST_PAIR=PAIRS.get(name, ""))
    started, nothing = time.monotonic(), subprocess.DEVNULL
    with log.open("w", encoding="utf-8") as to:
        status = subprocess.run(line, env=variables, stdin=nothing, stdout=to, stderr=to, check=False).returncode
    sys.stdout.write(f"{name:16} {summary(log)} ({time.monotonic() - started:.0f} s; {log})\n")
    if status:
        sys.stdout.write(why(log))
    sys.stdout.flush()
    return status


def summary(log: Path) -> str:
    """Which libslurm a report is about, and its last line."""
    report = log.read_text(encoding="utf-8", errors="replace").strip()
    loaded = re.search(r"^libslurm: (.*)$", report, re.MULTILINE)
    ends = re.findall(r"^.*\b\d+ (?:passed|failed|error).* in [\d.]+s.*$", report, re.MULTILINE)
    return f"libslurm {loaded[1] if loaded else 'unknown'}: {ends[-1].strip('= ') if ends else 'no report'}"


def why(log: Path) -> str:
    """What a report says of failures: a machine that tests for others may keep nothing but what is printed."""
    report = log.read_text(encoding="utf-8", errors="replace")
    _, found, failures = report.partition("= FAILURES =")
    return (failures if found else report)[-LONGEST:].rstrip() + "\n"


def main() -> int:
    """Prepare the folders one after the other, test the suites side by side, then the pairs. Returns: 0 for good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="SUITE | PAIR", help=", ".join((*RELEASES, *PAIRS)))
    parser.add_argument("--prepare", action="store_true", help="make the folders, run no test")
    asked, rest = split(sys.argv[1:])
    given = parser.parse_args(asked)
    names = given.names or [*RELEASES, *PAIRS]
    if unknown := [name for name in names if name not in {**RELEASES, **PAIRS}]:
        raise Failure(f"no suite {', '.join(unknown)}: there are {', '.join((*RELEASES, *PAIRS))}")
    if os.getuid() != 0:
        raise Failure("the matrix needs root, for debootstrap and chroot")
    lay_out()
    install.packages(("debootstrap",), ("debootstrap",))
    for folder in sorted({part for name in names for part in name.split("@")}):
        prepare(Suite(folder))
    return 0 if given.prepare else run(names, rest)


def run(names: list[str], arguments: tuple[str, ...]) -> int:
    """Run the tests of suites, then of pairs, which use the folders of two. Returns: the worst status."""
    suites, pairs = ([name for name in names if ("@" in name) == pair] for pair in (False, True))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        statuses = list(pool.map(lambda name: test(name, arguments), suites))
    statuses += [test(name, arguments) for name in pairs]
    return max(statuses, default=0)


def split(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Our arguments, and those after `--`, which are pytest's."""
    if "--" not in words:
        return words, ()
    at = words.index("--")
    return words[:at], tuple(words[at + 1 :])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"matrix.py: {failure}")
