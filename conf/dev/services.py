"""The daemons of the development cluster as a table, and starting and stopping one of them."""

import grp
import http.client
import os
import pwd
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import Process, alive, end, family, mark, marked, wait_until
from settings import CHECKOUT, DAEMON_USER, PORTS, Failure, Settings, venv

# Slurm's daemons bind the address of their host name: in a namespace where that is localhost, it is loopback.
AS_LOCALHOST = ("unshare", "--uts", "sh", "-c", 'hostname localhost && exec "$@"', "sh")
START_SECONDS = 30.0
STOP_SECONDS = 20.0
LONGEST_LOG = 8 << 20


@dataclass(frozen=True)
class Service:
    """One daemon, run in the foreground.

    user: whom it is started as; Slurm's own change to SlurmUser by themselves. ready: whether it works.
    owner: of its directories. named_localhost: whether it binds the address of its host name, which has to be
    loopback.
    """

    name: str
    user: str
    argv: tuple[str, ...]
    ready: Callable[[], bool]
    owner: str = "root"
    named_localhost: bool = False
    environment: dict[str, str] = field(default_factory=dict)


def services(settings: Settings) -> list[Service]:
    """The daemons in the order in which they start."""
    if settings.conf:
        return [rest_daemon(settings)]
    return [*foundations(settings), *slurm_daemons(settings), rest_daemon(settings)]


def foundations(settings: Settings) -> list[Service]:
    """Munge and MariaDB."""
    names = settings.variables()
    files = settings.state / "state" / "munged"
    munged = (
        *("munged", "--foreground", "--force", "--origin=127.0.0.1", f"--socket={names['munge_socket']}"),
        *(f"--key-file={settings.etc}/munge.key", f"--pid-file={files}/pid", f"--seed-file={files}/seed"),
        f"--log-file={files}/log",
    )
    credential = ("munge", "--no-input", f"--socket={names['munge_socket']}")
    return [
        Service("munged", "munge", munged, lambda: succeeds(settings, *credential), owner="munge"),
        Service(
            "mariadbd",
            "slurm",
            ("mariadbd", f"--defaults-file={settings.etc}/mariadb.cnf"),
            lambda: greets(names["mariadb_socket"]),
            owner="slurm",
        ),
    ]


def slurm_daemons(settings: Settings) -> list[Service]:
    """Slurm's three."""
    mariadb = {"MYSQL_UNIX_PORT": settings.variables()["mariadb_socket"]}
    return [
        Service(
            "slurmdbd",
            "root",
            ("slurmdbd", "-D"),
            lambda: listens(settings, "slurmdbd"),
            owner="slurm",
            named_localhost=True,
            environment=mariadb,
        ),
        Service(
            "slurmctld",
            "root",
            ("slurmctld", "-D", "-i"),
            lambda: succeeds(settings, "scontrol", "ping"),
            owner="slurm",
            named_localhost=True,
        ),
        Service("slurmd", "root", ("slurmd", "-D"), lambda: runs_jobs(settings), named_localhost=True),
    ]


def rest_daemon(settings: Settings) -> Service:
    """Our own. Only root can start it as its user; anyone else, serving an existing cluster, is its user."""
    addresses = (f"unix:{settings.socket}", f"127.0.0.1:{settings.port('slurmrestd')}")
    user = DAEMON_USER if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    return Service(
        "slurmrestd",
        user,
        (str(venv() / "bin" / "slurmrestd"), "-f", str(settings.slurm_conf), *addresses),
        lambda: answers(settings.socket),
        owner=user,
        environment={"SLURM_JWT": "daemon"} | asked_for(),
    )


def asked_for() -> dict[str, str]:
    """The SLURMRESTD_* variables of the caller: `SLURMRESTD_JSON=compact make run` does what it says."""
    return {name: value for name, value in os.environ.items() if name.startswith("SLURMRESTD_")}


def environment(settings: Settings) -> dict[str, str]:
    """What daemons and commands run in: nothing of the caller's but time zone and path."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "SLURM_CONF": str(settings.slurm_conf)}


def command(settings: Settings, *argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the cluster with *text* as input. Returns: the process; stderr is in its stdout."""
    output, errors = subprocess.PIPE, subprocess.STDOUT
    # Marked, so that what an interrupted command left running is ended before the next start.
    variables = environment(settings) | mark("command", settings.state)
    return subprocess.run(argv, input=text, text=True, check=False, env=variables, stdout=output, stderr=errors)


def succeeds(settings: Settings, *argv: str) -> bool:
    """Whether a command ends with status 0."""
    return command(settings, *argv).returncode == 0


def listens(settings: Settings, name: str) -> bool:
    """Whether the service takes connections."""
    with socket.socket() as client:
        return client.connect_ex((settings.address, settings.port(name))) == 0


def greets(path: str) -> bool:
    """Whether the server on a unix socket speaks first, as MariaDB does once it is ready."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(path)
            return bool(client.recv(1))
        except OSError:
            return False


def answers(path: Path) -> bool:
    """Whether the server on a unix socket answers an HTTP request, with whatever status."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
            client.sendall(b"GET /openapi HTTP/1.0\r\n\r\n")
            response = http.client.HTTPResponse(client)
            response.begin()
        except (OSError, http.client.HTTPException):
            return False
    return True


def runs_jobs(settings: Settings) -> bool:
    """Whether slurmctld has heard of node01's slurmd since both were started."""
    state = command(settings, "sinfo", "-h", "-N", "-n", "node01", "-o", "%T").stdout.partition("\n")[0]
    return bool(state) and state[-1] != "*" and not state.startswith(("down", "unk"))


def bearers(settings: Settings, service: Service) -> list[Process]:
    """The processes of a service: the main one and its workers, not the steps that slurmd started."""
    own = [process for process in marked(settings.state) if process.service == service.name]
    return [process for process in own if service.argv[0] in process.argv]


def running(settings: Settings, service: Service) -> Process | None:
    """The service's main process: the one with the session that it was given. Workers may outlive it a little."""
    return next((process for process in bearers(settings, service) if process.pid == process.session), None)


def outdated(service: Service, process: Process) -> bool:
    """Whether the process was started with other arguments, or before the sources of our daemon changed."""
    roots = (CHECKOUT / "slurmrest", CHECKOUT / "bindings") if service.name == "slurmrestd" else ()
    sources = [path for root in roots for kind in ("*.py", "*.json") for path in root.rglob(kind)]
    changed = any(path.stat().st_mtime > process.started for path in sources)
    return changed or process.argv[-len(service.argv) :] != service.argv


def start(settings: Settings, service: Service) -> subprocess.Popen[bytes]:
    """Start the daemon in a session of its own, its output in its log. Does not wait for it."""
    prepare(settings, service)
    end([process.pid for process in bearers(settings, service)], STOP_SECONDS)
    log = settings.log(service.name)
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        log.unlink()
    prefix = AS_LOCALHOST if service.named_localhost and settings.namespace else ()
    variables = environment(settings) | service.environment | mark(service.name, settings.state)
    with log.open("ab") as output:
        return subprocess.Popen(
            (*prefix, *service.argv),
            cwd="/",
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **identity(service.user),
        )


def prepare(settings: Settings, service: Service) -> None:
    """Make the service's directories."""
    for directory in (settings.run / service.name, settings.state / "state" / service.name):
        directory.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            os.chown(directory, pwd.getpwnam(service.owner).pw_uid, -1)
    settings.log(service.name).parent.mkdir(exist_ok=True)


def check_ports(settings: Settings, own: list[Service]) -> None:
    """Refuse to start where somebody else has one of our ports. Raises: Failure."""
    for service in own:
        if service.name in PORTS and not bearers(settings, service) and listens(settings, service.name):
            raise Failure(taken(settings, settings.port(service.name)))


def taken(settings: Settings, port: int) -> str:
    """Who has our port."""
    others = sorted({process.state for process in marked()} - {str(settings.state)})
    if others:
        return f"port {port} is in use, it seems by the cluster in {others[0]}: `cluster.py down --all` ends it"
    return f"port {port} is in use by another program: see `ss -ltnp`"


def identity(user: str) -> dict[str, Any]:
    """The arguments of Popen that make the child *user*, with its own groups and no others."""
    if os.getuid() != 0 or user == "root":
        return {}
    entry = pwd.getpwnam(user)
    extra = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": extra}


def wait_ready(settings: Settings, service: Service, started: subprocess.Popen[bytes] | None) -> None:
    """Wait until the service works. Raises: Failure, with the end of its log, where it does not."""

    def settled() -> bool:
        return service.ready() or (started is not None and started.poll() is not None)

    if wait_until(settled, START_SECONDS) and (started is None or started.poll() is None):
        return
    log = settings.log(service.name)
    ended = started is not None and started.poll() is not None
    what = "has ended" if ended else f"does not work after {START_SECONDS:.0f} s"
    lines = log.read_text(errors="replace").splitlines()[-8:]
    raise Failure("\n".join([f"{service.name} {what}; {log} ends with", *lines]))


def stop(settings: Settings, service: Service) -> None:
    """Stop the service, and wait until it is gone."""
    process = running(settings, service)
    if process:
        pids = [process.pid]
        helpers = family(pids) - set(pids)
        end(pids, STOP_SECONDS)
        end((pid for pid in helpers if alive(pid)), STOP_SECONDS)
