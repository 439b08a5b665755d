"""Where libslurm is, and which release a library is."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from .errors import ConfigurationError
from .layout import Release

FULL = "libslurmfull.so"
RELEASE_PLUGIN = "hash_k12.so"
"""A plugin that every release has; its symbol plugin_version is the exact release."""


def find(path: str | os.PathLike[str] | None) -> str:
    """Give the path of the library: of *path*, a file or the directory of libslurmfull.so, else of the usual places.

    Raises: ConfigurationError where there is none.
    """
    if path is not None:
        given = Path(path)
        found = given / FULL if given.is_dir() else given
        if not found.exists():
            raise ConfigurationError(f"there is no libslurm at {found}")
        return str(found.resolve())
    looked = list(_places())
    for directory in looked:
        if (directory / FULL).exists():
            return str(directory / FULL)
    public = _public()
    if public is None:
        raise ConfigurationError(f"no {FULL} in {', '.join(map(str, looked))}, and no libslurm.so")
    return public


def _places() -> Iterator[Path]:
    """Where distributions and the site's own builds put libslurmfull.so."""
    for prefix in _prefixes():
        for library in ("lib64", "lib"):
            yield prefix / library / "slurm"
    for architecture in sorted(Path("/usr/lib").glob("*-linux-gnu")):
        yield architecture / "slurm-wlm"
    yield Path("/usr/lib/slurm-wlm")


def _prefixes() -> Iterator[Path]:
    tool = shutil.which("scontrol") or shutil.which("slurmctld") or shutil.which("slurmd")
    if tool is not None and Path(tool).resolve().parent.parent != Path("/usr"):
        yield Path(tool).resolve().parent.parent
    yield from (Path("/usr"), Path("/usr/local"), Path("/opt/slurm"))


def _public() -> str | None:
    """The public libslurm.so of the highest soname that the loader's directories hold."""
    name = ctypes.util.find_library("slurm")
    if name is None:
        return None
    triplets = sorted(Path("/usr/lib").glob("*-linux-gnu"))
    for directory in (*triplets, Path("/usr/lib64"), Path("/usr/lib"), Path("/usr/local/lib")):
        if (directory / name).exists():
            return str((directory / name).resolve())
    return None


def release_of(path: str) -> Release:
    """The exact release, (22, 5, 8): the soname does not tell, two changed their structs without it."""
    beside = Path(path).parent
    candidates = [directory / RELEASE_PLUGIN for directory in (beside, beside / "slurm-wlm", beside / "slurm")]
    plugin = next((candidate for candidate in candidates if candidate.exists()), None)
    if plugin is None:
        raise ConfigurationError(f"the release of {path} is unknown: there is no {RELEASE_PLUGIN} in {beside}")
    try:
        version = ctypes.c_uint32.in_dll(ctypes.CDLL(str(plugin), mode=os.RTLD_NOW), "plugin_version").value
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the release of {path} is unknown: {error}") from None
    return version >> 16, version >> 8 & 0xFF, version & 0xFF
