"""probe: what can be used is described, what cannot is one line, and nothing is loaded here."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from libslurm import ConfigurationError, probe

from .interpreter import run_python


def _refusal(conf: Path | str, library: str | None = None, deadline: float = 10.0) -> str:
    with pytest.raises(ConfigurationError) as caught:
        probe(str(conf), library, deadline)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_was_found(conf: Path) -> None:
    found = probe(str(conf))
    assert (found.conf, found.cluster_name, found.slurm_user, found.slurm_user_id) == (
        str(conf),
        "nowhere",
        "root",
        0,
    )
    assert found.controllers == ("first", "second")
    assert found.auth_types == ("auth/munge", "auth/jwt")
    assert found.release.startswith(found.layout[:5])
    assert (found.full, found.jwt) == (True, True)


def test_the_variable_says_which_conf(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CONF", str(conf))
    assert probe().conf == str(conf)


def test_nothing_is_loaded_into_the_caller(conf: Path) -> None:
    code = """
        import sys, libslurm
        libslurm.probe(sys.argv[1])
        print("libslurmfull" in open("/proc/self/maps").read())
    """
    assert run_python(code, str(conf), PYTHONWARNINGS="ignore").stdout == "False\n"


def test_a_missing_conf_is_told_at_once() -> None:
    began = time.monotonic()
    assert (
        _refusal("/nowhere/slurm.conf") == "slurm.conf cannot be read: /nowhere/slurm.conf: No such file or directory"
    )
    assert time.monotonic() - began < 1


def test_a_directory_is_no_conf(tmp_path: Path) -> None:
    assert _refusal(tmp_path) == f"slurm.conf cannot be read: {tmp_path}: Is a directory"


def test_a_broken_conf_is_told_in_libslurms_words(conf: Path) -> None:
    conf.write_text(conf.read_text() + "NoSuchOption=1\n")
    text = _refusal(conf)
    assert text.startswith(f"libslurm refuses {conf}: ")
    assert "NoSuchOption" in text


def test_a_conf_without_a_cluster_is_refused(conf: Path) -> None:
    conf.write_text("")
    assert "ClusterName" in _refusal(conf)


def test_an_authentication_nobody_has_is_refused(conf: Path) -> None:
    conf.write_text(conf.read_text().replace("AuthType=auth/munge", "AuthType=auth/carrier_pigeon"))
    # Later releases look for the plugin themselves.
    ours = "AuthType=auth/carrier_pigeon, and there is no auth_carrier_pigeon.so in "
    theirs = "cannot (?:find auth plugin|create auth context) for auth/carrier_pigeon"
    assert re.search(f"{ours}|{theirs}", _refusal(conf))


def test_a_library_that_is_not_there_is_refused(conf: Path) -> None:
    assert _refusal(conf, "/nowhere/libslurmfull.so") == "there is no libslurm at /nowhere/libslurmfull.so"


def test_what_hangs_is_ended(conf: Path) -> None:
    assert _refusal(conf, deadline=0.0) == f"libslurm did not finish with {conf} within 0 s"
