"""The fixtures of the suite do what their docstrings say."""

import signal
from pathlib import Path

import pytest

from tests.plugins.client import eventually
from tests.plugins.cluster import Cluster
from tests.plugins.daemon import Factory

PING = "/slurm/v0.0.39/ping"


def test_a_daemon_on_a_unix_socket_and_a_port(daemon: Factory) -> None:
    with daemon("-t", "4", tcp=True) as server:
        assert server.client.get(PING).status == 200
        assert server.network.get(PING).status == 401
        assert server.workers()
        assert Path(f"/proc/{server.pid}").owner() == daemon.cluster.daemon_user
    assert not Path(f"/proc/{server.pid}").exists()
    assert not server.directory.exists()


def test_a_daemon_on_a_port_alone(daemon: Factory, cluster: Cluster) -> None:
    with daemon(unix=False, env={"SLURMRESTD_JSON": "compact"}) as server:
        answer = server.client.as_user("games", cluster.token("games")).get(PING)
        assert answer.status == 200
        assert answer.document["pings"][0]["pinged"] == "UP"
        assert server.stop(signal.SIGINT) == 0


def test_a_daemon_that_does_not_start_is_a_failure_with_its_log(daemon: Factory) -> None:
    with pytest.raises(AssertionError, match="no-such-option"), daemon("--no-such-option"):
        pytest.fail("it started")


def test_a_program_that_ends_by_itself(daemon: Factory) -> None:
    said = daemon.run("-V")
    assert said.returncode == 0
    assert said.stdout.startswith("slurm ")


def test_the_daemon_of_the_cluster_answers_over_both(cluster: Cluster) -> None:
    assert cluster.unix.get(PING).status == 200
    assert cluster.network.as_user("man", cluster.token("man")).get(PING).status == 200


def test_a_command_runs_as_a_user_with_input(cluster: Cluster) -> None:
    assert cluster.run("id", "-un", user="games").stdout == "games\n"
    assert cluster.run("cat", text="said").stdout == "said"
    assert cluster.run("false", check=False).returncode == 1


def test_eventually_gives_what_it_waited_for_and_gives_up() -> None:
    values = iter([0, None, "", 7])
    assert eventually(lambda: next(values)) == 7
    with pytest.raises(AssertionError, match="not within"):
        eventually(lambda: False, 0.05)
