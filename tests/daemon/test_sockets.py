"""Listening sockets: what is bound, what is refused, what is left behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slurmrest.daemon import sockets
from slurmrest.daemon.addresses import Address, TcpAddress, UnixAddress
from slurmrest.daemon.sockets import BACKLOG, BindError, Listener, listen, remove_all


@pytest.fixture
def opened() -> Iterator[list[Listener]]:
    """Listeners to be closed after the test."""
    listeners: list[Listener] = []
    yield listeners
    remove_all(listeners)


def refusal(address: Address) -> str:
    """Give the reason for which *address* is refused."""
    with pytest.raises(BindError) as failure:
        remove_all(listen([address]))
    assert str(address) in str(failure.value)
    assert "\n" not in str(failure.value)
    return str(failure.value)


def test_a_unix_socket_is_for_everybody_whatever_the_umask(opened: list[Listener], tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        opened += listen([UnixAddress(f"{tmp_path}/s")])
    finally:
        assert os.umask(umask) == 0o077
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o777


def test_a_socket_file_is_removed_at_the_end(tmp_path: Path) -> None:
    listeners = listen([UnixAddress(f"{tmp_path}/s")])
    assert (tmp_path / "s").is_socket()
    remove_all(listeners)
    assert not (tmp_path / "s").exists()


def test_a_dead_socket_is_replaced(opened: list[Listener], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{tmp_path}/s")
    opened += listen([UnixAddress(f"{tmp_path}/s")])
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{tmp_path}/s")


def test_a_live_socket_is_refused_and_left_alone(opened: list[Listener], tmp_path: Path) -> None:
    opened += listen([UnixAddress(f"{tmp_path}/s")])
    assert "another process" in refusal(UnixAddress(f"{tmp_path}/s"))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{tmp_path}/s")


def test_a_live_socket_whose_backlog_is_full_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as client:
        busy.bind(f"{tmp_path}/s")
        busy.listen(0)
        client.connect(f"{tmp_path}/s")
        assert "another process" in refusal(UnixAddress(f"{tmp_path}/s"))


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("important")
    assert "not a socket" in refusal(UnixAddress(f"{tmp_path}/s"))
    assert (tmp_path / "s").read_text() == "important"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "s").symlink_to(tmp_path / "elsewhere")
    assert "not a socket" in refusal(UnixAddress(f"{tmp_path}/s"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in refusal(UnixAddress(f"{tmp_path}/none/s"))


def test_a_socket_of_somebody_else_is_not_removed(tmp_path: Path) -> None:
    listeners = listen([UnixAddress(f"{tmp_path}/s")])
    (tmp_path / "s").unlink()
    (tmp_path / "s").write_text("somebody else's")
    remove_all(listeners)
    assert (tmp_path / "s").exists()


def test_a_port_that_is_taken(opened: list[Listener]) -> None:
    opened += listen([TcpAddress("127.0.0.1", 0)])
    assert "Address already in use" in refusal(TcpAddress("127.0.0.1", opened[0].sock.getsockname()[1]))


def test_a_name_that_nobody_knows() -> None:
    assert "cannot look up" in refusal(TcpAddress("nosuchhost.invalid", 1))
    assert "cannot look up" in refusal(TcpAddress("a" * 64, 1))


def test_an_address_of_another_machine() -> None:
    assert "Cannot assign" in refusal(TcpAddress("192.0.2.1", 1))


def test_without_a_host_every_interface_is_meant(opened: list[Listener]) -> None:
    opened += listen([TcpAddress("", 0)])
    assert "0.0.0.0" in [one.sock.getsockname()[0] for one in opened]  # noqa: S104  # what is asked for


def test_a_name_is_bound_on_all_that_it_stands_for(opened: list[Listener]) -> None:
    opened += listen([TcpAddress("localhost", 0)])
    assert "127.0.0.1" in [one.sock.getsockname()[0] for one in opened]
    assert all(str(one).startswith(("127.0.0.1:", "[::1]:")) for one in opened)


def test_a_name_is_looked_up_once(opened: list[Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    look_up = socket.getaddrinfo

    def counted(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    opened += listen([TcpAddress("localhost", 0)])
    with socket.create_connection(opened[0].sock.getsockname()[:2]):
        assert asked == ["localhost", opened[0].sock.getsockname()[0]]


def test_an_ipv6_address_is_that_alone(opened: list[Listener]) -> None:
    """Also where the machine has no IPv6, which is then said."""
    try:
        opened += listen([TcpAddress("::1", 0)])
    except BindError as error:
        assert "[::1]:0" in str(error)  # noqa: PT017 - either is right, as the machine is
    else:
        (listener,) = opened
        assert str(listener).startswith("[::1]:")
        assert listener.sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1


def test_a_file_that_may_not_be_removed_is_left_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (listener,) = listen([UnixAddress(f"{tmp_path}/s")])
    said: list[str] = []

    def refuse(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(sockets.log, "warning", lambda text, *values: said.append(text % values))
    listener.remove()
    assert str(tmp_path) in said[0]
    assert (tmp_path / "s").exists()


def test_either_everything_is_bound_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(BindError):
        listen([UnixAddress(f"{tmp_path}/s"), UnixAddress(f"{tmp_path}/none/s")])
    assert not (tmp_path / "s").exists()


def test_the_backlog_is_that_of_the_c_daemon() -> None:
    assert BACKLOG == 4096


def test_clients_wait_in_the_backlog(opened: list[Listener], tmp_path: Path) -> None:
    opened += listen([UnixAddress(f"{tmp_path}/s")])
    clients = [socket.socket(socket.AF_UNIX) for _ in range(500)]
    try:
        for client in clients:
            client.settimeout(0)
            assert client.connect_ex(f"{tmp_path}/s") == 0
    finally:
        for client in clients:
            client.close()
