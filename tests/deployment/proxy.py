"""nginx with conf/nginx.conf: only the places in it are changed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

from tests.daemon.conftest import Daemon
from tests.plugins.client import eventually
from tests.plugins.cluster import CHECKOUT
from tests.plugins.daemon import free_port

CONF = CHECKOUT / "conf" / "nginx.conf"
HOST = "slurm.example.org"
DEADLINE = 20.0

MAIN = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/slurmrestd.conf;
}}
"""
CERTIFICATE = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


class Nginx:
    """nginx in a folder, in front of a unix socket. user: whom its workers are, where it is started by root."""

    def __init__(self, folder: Path, upstream: str, user: str = "www-data") -> None:
        self.folder, self.port = folder, free_port()
        names = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
        files = ("-keyout", f"{folder}/key", "-out", f"{folder}/certificate")
        run(program("openssl"), "req", *CERTIFICATE, *names, *files)
        (folder / "slurmrestd.conf").write_text(self.rendered(upstream))
        (folder / "main.conf").write_text(MAIN.format(user=f"user {user};" if os.geteuid() == 0 else "", folder=folder))
        self.line = (program("nginx"), "-p", str(folder), "-c", str(folder / "main.conf"))
        self.context = ssl.create_default_context(cafile=f"{folder}/certificate")
        self.process: subprocess.Popen[bytes] | None = None

    def rendered(self, upstream: str) -> str:
        """conf/nginx.conf with places of this machine in it; each must be there, once."""
        text = CONF.read_text()
        for place, ours in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("/run/slurmrestd/slurmrestd.sock", upstream),
            ("/etc/ssl/certs/slurmrestd.pem", f"{self.folder}/certificate"),
            ("/etc/ssl/private/slurmrestd.key", f"{self.folder}/key"),
        ):
            assert text.count(place) == 1, place
            text = text.replace(place, ours)
        return text

    def check(self) -> str:
        """What nginx says of the configuration."""
        return run(*self.line, "-t")

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(self.line, stderr=subprocess.DEVNULL)
        eventually(self.listens)

    def listens(self) -> bool:
        """Whether somebody accepts connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True

    def connect(self, protocols: tuple[str, ...] = ()) -> ssl.SSLSocket:
        """A connection by TLS. protocols: what the client would speak, for ALPN."""
        if protocols:
            self.context.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        return self.context.wrap_socket(plain, server_hostname=HOST)

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            assert self.process.wait(DEADLINE) == 0

    def errors(self) -> list[str]:
        """The lines of its log that are worse than a warning about a client."""
        lines = (self.folder / "error.log").read_text().splitlines()
        return [line for line in lines if "[error]" in line or "[crit]" in line or "[alert]" in line]


class Behind:
    """nginx before a daemon whose app records what reaches it."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "record"
        socket = f"{folder}/socket"
        options = {"addresses": [f"unix:{socket}"], "threads": 4, "record": str(self.record)}
        self.daemon = Daemon(options, folder / "log")
        self.nginx = Nginx(folder, socket)
        self.nginx.start()

    def close(self) -> None:
        """Stop both."""
        self.nginx.stop()
        assert self.daemon.stop() == 0

    def reached(self) -> list[tuple[str, str, dict[str, str], str]]:
        """What has reached the app since the last look."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        self.record.unlink(missing_ok=True)
        return [tuple(json.loads(line)) for line in lines]

    def ask(self, text: str) -> str:
        """Send *text*, and give all that comes back until the connection ends."""
        with self.nginx.connect() as link:
            link.sendall(text.encode("latin-1"))
            # What is pipelined behind it is the last, and says so.
            link.sendall(f"GET /last HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
            return received(link)


def received(link: ssl.SSLSocket) -> str:
    """Everything until the end of a connection."""
    data = b""
    try:
        while piece := link.recv(65536):
            data += piece
    except (ssl.SSLEOFError, ConnectionResetError):
        pass
    return data.decode("latin-1")


def program(name: str) -> str:
    """Path of a program, also of one for administrators."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, f"{name} is not installed: make up installs it"
    return found


def run(*argv: str) -> str:
    """Run a command that must succeed. Gives what it said."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
