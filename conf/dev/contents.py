"""What the development cluster holds: configuration files, keys, an empty database, accounts, a reservation.

Everything here may run again at any time, and takes up where a crash left it: a thing is made beside its
place and moved there when it is whole.
"""

import hashlib
import os
import pwd
import shutil
import string
from pathlib import Path

from services import command
from settings import Failure, Settings

TEMPLATES = Path(__file__).parent / "etc"
# A file that may be read by one user only, and whose it is.
PRIVATE = {"slurmdbd.conf": "slurm", "jwt.key": "slurm", "munge.key": "munge"}
# What sacctmgr reads, and no daemon.
LOADED = ("qos.sacctmgr", "accounts.cfg")
RESERVATIONS = {
    "maintenance": ("Users=root", "Nodes=node02", "StartTime=now", "Flags=MAINT,IGNORE_JOBS"),
    "course": ("Accounts=sub1", "Nodes=node03", "StartTime=now+1days", "Flags=FLEX"),
}


def render(settings: Settings) -> bool:
    """Write the configuration files. Returns: whether one changed, and daemons have to be started again."""
    settings.etc.mkdir(parents=True, exist_ok=True)
    changed = False
    for template in sorted(TEMPLATES.iterdir()):
        text = string.Template(template.read_text(encoding="utf-8")).substitute(settings.variables())
        path = settings.etc / template.name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            put(path, text.encode())
            changed = changed or template.name not in LOADED
    return changed


def make_keys(settings: Settings) -> None:
    """Make the keys of munge and of JWT where there are none."""
    for name in ("munge.key", "jwt.key"):
        path = settings.etc / name
        if not path.exists():
            put(path, os.urandom(64))


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, with the owner and mode that its reader wants."""
    new = path.with_name(path.name + ".new")
    owner = PRIVATE.get(path.name)
    new.unlink(missing_ok=True)
    new.touch(mode=0o600 if owner else 0o644)
    new.write_bytes(data)
    if owner:
        os.chown(new, pwd.getpwnam(owner).pw_uid, -1)
    new.replace(path)


def make_database(settings: Settings) -> None:
    """Make MariaDB's files where there are none."""
    data = settings.state / "state" / "mariadbd" / "data"
    if data.exists():
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    os.chown(data.parent, pwd.getpwnam("slurm").pw_uid, -1)
    new = data.with_name("data.new")
    shutil.rmtree(new, ignore_errors=True)
    # --force: without it, it wants this host's name to resolve.
    root = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--force")
    made = command(settings, "mariadb-install-db", "--no-defaults", "--user=slurm", f"--datadir={new}", *root)
    if made.returncode != 0:
        raise Failure("MariaDB's files could not be made:\n" + made.stdout)
    new.rename(data)


def add_cluster(settings: Settings) -> None:
    """Make the cluster known to slurmdbd, without which slurmctld does not start; it may be known already."""
    command(settings, "sacctmgr", "-i", "add", "cluster", "dev")


def fill_accounts(settings: Settings) -> None:
    """Add QOS, accounts and users, where one of the files that list them changed since the last time."""
    texts = [(settings.etc / name).read_text(encoding="utf-8") for name in LOADED]
    # In the database's own directory, to be gone when it is.
    done = settings.state / "state" / "mariadbd" / "data" / "accounts-added"
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()
    if done.exists() and done.read_text(encoding="utf-8") == digest:
        return
    qos = command(settings, "sacctmgr", "-i", text=f"{texts[0]}quit\n").stdout
    accounts = command(settings, "sacctmgr", "-i", "load", str(settings.etc / LOADED[1])).stdout
    if complaints := [line for line in (qos + accounts).splitlines() if "rror" in line or "nknown" in line]:
        raise Failure(f"sacctmgr: {'; '.join(complaints)}")
    put(done, digest.encode())


def reserve(settings: Settings) -> None:
    """Make the reservations where they are not there."""
    there = command(settings, "scontrol", "-o", "show", "reservation").stdout
    for name, terms in RESERVATIONS.items():
        if f"ReservationName={name} " not in there:
            made = command(settings, "scontrol", "create", f"ReservationName={name}", "Duration=infinite", *terms)
            if made.returncode != 0:
                raise Failure(f"reservation {name}: {made.stdout.strip()}")
