"""Library: found, opened, its release known; errors with number, name and text."""

from __future__ import annotations

import errno
import subprocess
from pathlib import Path

import pytest

from libslurm import ConfigurationError, Library, SlurmError, SlurmUnsupported

from .interpreter import run_python


def test_the_release_is_exact(library: Library) -> None:
    said = subprocess.run(("slurmctld", "-V"), capture_output=True, text=True, check=True).stdout
    assert said.split()[-1] == library.release_text
    assert library.layout.release[:2] == library.release[:2]


def test_a_directory_will_do(library: Library) -> None:
    assert Library.open(Path(library.path).parent).path == library.path


def test_the_public_library_is_a_fallback(library: Library) -> None:
    public = next(Path(library.path).parent.parent.glob("libslurm.so.*"))
    found = Library.open(public)
    assert (found.full, found.release) == (False, library.release)
    with pytest.raises(SlurmUnsupported, match="does not export rpc_num2string"):
        found.message_type(1008)


def test_a_library_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"there is no libslurm at /nowhere/libslurmfull\.so"):
        Library.open("/nowhere/libslurmfull.so")


def _build(directory: Path, version: str) -> Path:
    """A libslurm of some release, of which there is no more than that."""
    for name, source in (
        ("libslurmfull", "int nothing;"),
        ("hash_k12", f"unsigned plugin_version = {version};"),
    ):
        command = ("gcc", "-shared", "-x", "c", "-", "-o", str(directory / f"{name}.so"))
        subprocess.run(command, input=source, text=True, check=True)
    return directory / "libslurmfull.so"


def test_an_unknown_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"libslurm 27\.05\.1 is not supported; supported are 22\.05\.0, "):
        Library.open(_build(tmp_path, "0x1b0501"))


def test_a_library_without_its_plugins_is_refused(tmp_path: Path) -> None:
    path = _build(tmp_path, "0")
    (tmp_path / "hash_k12.so").unlink()
    with pytest.raises(ConfigurationError, match=r"release of .* is unknown: there is no hash_k12\.so in "):
        Library.open(path)


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "libslurmfull.so"
    path.write_text("no library")
    with pytest.raises(ConfigurationError, match="libslurm cannot be opened: "):
        Library.open(path)


def test_an_error_has_number_name_text_and_function(library: Library) -> None:
    error = library.error(2017, "slurm_load_job")
    assert (error.number, error.name, error.function) == (2017, "ESLURM_INVALID_JOB_ID", "slurm_load_job")
    assert str(error) == "slurm_load_job: Invalid job id specified (ESLURM_INVALID_JOB_ID)"


def test_an_error_of_the_system_has_its_own_name(library: Library) -> None:
    error = library.error(errno.ECONNREFUSED, "slurm_ping")
    assert (error.name, error.text) == ("ECONNREFUSED", "Connection refused")


def test_an_unknown_error_is_minus_one(library: Library) -> None:
    assert library.error(-1, "slurm_ping").name == ""


def test_a_function_that_returns_null_raises_what_errno_says(library: Library) -> None:
    with pytest.raises(SlurmError) as caught:
        library.c.slurm_hostlist_create(b"n[3-1]")
    assert (caught.value.name, caught.value.function) == ("EINVAL", "slurm_hostlist_create")


def test_numbers_have_names(library: Library) -> None:
    assert library.job_state(library.layout.constant("JOB_RUNNING")) == "RUNNING"
    assert library.job_reason(library.layout.constant("WAIT_PRIORITY")) == "Priority"
    assert library.message_type(1008) == "REQUEST_PING"
    assert library.task_distribution(library.layout.constant("SLURM_DIST_BLOCK_CYCLIC")) == "block:cyclic"


def test_nothing_is_allocated_on_a_node_without_a_record(library: Library) -> None:
    assert library.node_allocation(0) == (0, 0, "", 0.0)


def test_the_configuration_is_what_slurm_init_read(conf: Path) -> None:
    code = """
        import sys, libslurm
        library = libslurm.Library.open()
        library.init(sys.argv[1])
        library.init("/a/second/call/does/nothing")
        found = library.configuration()
        print(found.cluster_name, *found.controllers, found.slurm_user, found.slurm_user_id, found.path)
        print(found.auth_type, found.auth_alternatives, found.select_type)
    """
    said = run_python(code, str(conf)).stdout.splitlines()
    assert said[0] == f"nowhere first second root 0 {conf}"
    assert said[1].startswith("auth/munge auth/jwt select/")


def test_messages_go_where_they_are_sent(tmp_path: Path) -> None:
    code = """
        import sys, libslurm
        library = libslurm.Library.open()
        with open(sys.argv[1], "w") as file:
            library.log_to(file.fileno(), 2)
        try:
            library.c.slurm_hostlist_create(b"n[3-1]")
        except libslurm.SlurmError:
            library.log_to(2, 0)
        try:
            library.c.slurm_hostlist_create(b"n[5-4]")
        except libslurm.SlurmError as error:
            print(error.name)
    """
    log = tmp_path / "log"
    done = run_python(code, str(log))
    assert (done.stdout, done.stderr) == ("EINVAL\n", "")
    assert "error: " in log.read_text()
    assert "3-1" in log.read_text()
