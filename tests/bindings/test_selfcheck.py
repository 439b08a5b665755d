"""selfcheck: a layout that is not the library's is found out before anything is read by it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from libslurm import ConfigurationError, Layout, Library, probe
from libslurm.layout import LayoutError, Release
from libslurm.selfcheck import INITIALISERS, check_library, cleared

from .interpreter import run_python


@pytest.mark.parametrize(("name", "struct", "arguments"), INITIALISERS, ids=[row[1] for row in INITIALISERS])
def test_libslurm_clears_as_many_bytes_as_the_layout_says(
    library: Library, name: str, struct: str, arguments: tuple[object, ...]
) -> None:
    expected = library.layout.structs[struct].size
    assert cleared(getattr(library.c, name), expected, arguments) == expected


@pytest.mark.parametrize("missing", [8, 64])
def test_a_record_that_is_longer_than_its_layout_is_measured_all_the_same(library: Library, missing: int) -> None:
    size = library.layout.structs["job_desc_msg_t"].size
    assert cleared(library.c.slurm_init_job_desc_msg, size - missing) == size


@pytest.mark.parametrize("release", Layout.releases(), ids=str)
def test_the_layout_of_another_release_is_found_out(library: Library, release: Release) -> None:
    # Not init'ed here: the records that are cleared come first.
    other = Library(library.path, library.handle, library.release)
    other.layout = Layout.exact(release)
    differ = [
        struct
        for _, struct, _ in INITIALISERS
        if other.layout.structs[struct].size != library.layout.structs[struct].size
    ]
    if release[:2] != library.release[:2]:
        assert differ
        with pytest.raises(LayoutError, match=rf"{differ[0]} has \d+ bytes in libslurm .*, and \d+ in layout"):
            check_library(other)
    else:
        assert not differ


def test_a_library_that_lies_about_its_release_is_refused(library: Library, conf: Path, tmp_path: Path) -> None:
    place = tmp_path / "lib"
    place.mkdir()
    for file in (Path(library.path), *Path(library.path).parent.glob("*_*.so")):
        shutil.copy(file, place)
    other = next(release for release in reversed(Layout.releases()) if release[:2] != library.release[:2])
    source = f"unsigned plugin_version = {other[0] << 16 | other[1] << 8};"
    command = ("gcc", "-shared", "-x", "c", "-", "-o", str(place / "hash_k12.so"))
    subprocess.run(command, input=source, text=True, check=True)
    with pytest.raises(ConfigurationError, match=rf"has \d+ bytes in libslurm {other[0]}\.\d\d\.\d+ \({place}"):
        probe(str(conf), str(place))


def test_a_text_that_is_not_where_it_should_be_is_named(conf: Path) -> None:
    code = """
        import ctypes, sys, libslurm
        from libslurm import selfcheck
        library = libslurm.Library.open()
        library.init(sys.argv[1])
        selfcheck.check_library(library)
        conf = library.layout.record("slurm_conf_t").in_dll(library.handle, "slurm_conf")
        conf.authtype, conf.cluster_name = conf.cluster_name, conf.authtype
        try:
            selfcheck.check_library(library)
        except libslurm.layout.LayoutError as error:
            print(error)
    """
    said = run_python(code, str(conf)).stdout
    assert "slurm_conf_t.authtype of libslurm " in said
    assert "reads 'nowhere' by layout " in said
