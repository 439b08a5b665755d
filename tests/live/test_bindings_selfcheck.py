"""selfcheck on a real cluster: what slurmctld answers has the sizes of the layout, and of no other."""

from __future__ import annotations

import ctypes
import faulthandler
import time

import pytest

from libslurm import ConfigurationError, Layout, probe, verify
from libslurm.layout import parse_release, release_text
from tests.bindings.interpreter import run_python
from tests.live.jobs import Jobs
from tests.plugins.cluster import Cluster

LISTINGS = {
    "load_jobs": "slurm_job_info_t",
    "load_nodes": "node_info_t",
    "load_partitions": "partition_info_t",
    "load_reservations": "reserve_info_t",
}
"""Call -> the struct of the records that it gives."""

WITH_ANOTHER_LAYOUT = """
    import sys, libslurm
    library = libslurm.Library.open()
    library.init()
    controller = libslurm.Controller(library)
    if sys.argv[2] != library.layout.release_text:
        library.layout = libslurm.Layout.exact(libslurm.layout.parse_release(sys.argv[2]))
    try:
        with getattr(controller, sys.argv[1])() as found:
            print("read", found.record.record_count)
    except libslurm.layout.LayoutError as error:
        print(error)
"""


def test_the_layout_agrees_with_slurmctlds_configuration(cluster: Cluster) -> None:
    assert verify(probe(str(cluster.conf))) == ""


def test_without_slurmctld_nothing_is_known_and_it_is_said_soon(cluster: Cluster) -> None:
    found = probe(str(cluster.conf))
    with cluster.stopped("slurmctld"):
        began = time.monotonic()
        assert verify(found) == "no slurmctld accepts connections"
        assert time.monotonic() - began < 2


def test_a_configuration_read_by_another_layout_is_refused(cluster: Cluster) -> None:
    code = """
        import sys, libslurm
        from libslurm import selfcheck
        library = libslurm.Library.open()
        library.init()
        library.layout = libslurm.Layout.exact(libslurm.layout.parse_release(sys.argv[1]))
        try:
            selfcheck.check_controller(library)
            print("agrees")
        except libslurm.layout.LayoutError as error:
            print(error)
    """
    own = probe(str(cluster.conf)).release[:5]
    for release in map(release_text, Layout.releases()):
        # Where the sizes are the same by chance it may die of what it takes for texts: the daemon asks a child, too.
        done = run_python(code, release, check=False, SLURM_CONF=str(cluster.conf))
        assert (done.stdout == "agrees\n") == (release[:5] == own), (release, done.stdout, done.stderr)
        assert done.stdout or done.returncode < 0, (release, done.stderr)


@pytest.mark.parametrize("listing", LISTINGS)
def test_records_of_another_size_are_refused(cluster: Cluster, jobs: Jobs, listing: str) -> None:
    jobs.sbatch("--hold")
    found = probe(str(cluster.conf))
    count = run_python(WITH_ANOTHER_LAYOUT, listing, found.layout, SLURM_CONF=str(cluster.conf)).stdout
    assert count.startswith("read ")
    assert count != "read 0\n"
    other = with_other_records(found.layout, listing)
    said = run_python(WITH_ANOTHER_LAYOUT, listing, other, SLURM_CONF=str(cluster.conf)).stdout
    assert f"bytes in libslurm {found.release}" in said
    assert f"by layout {other}" in said


def with_other_records(layout: str, listing: str) -> str:
    """The newest layout in which the records of a listing have another size."""
    sizes = {release: Layout.exact(release).structs[LISTINGS[listing]].size for release in Layout.releases()}
    own = sizes[parse_release(layout)]
    return release_text(max(release for release, size in sizes.items() if size != own))


def test_a_process_that_dies_of_it_is_a_refusal(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_library: object) -> None:
        # This is the child: what pytest would say of it is not of this test.
        faulthandler.disable()
        ctypes.string_at(1)

    monkeypatch.setattr("libslurm.selfcheck.check_controller", die)
    found = probe(str(cluster.conf))
    with pytest.raises(ConfigurationError, match=r"is not what layout .* says: .* ended with -11"):
        verify(found)
