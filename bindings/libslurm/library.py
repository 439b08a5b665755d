"""Library: find libslurm, open it, establish its exact release, attach the prototypes."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import identity, memory
from .errors import ConfigurationError, SlurmError, SlurmUnsupported
from .layout import Layout, Release, release_text
from .memory import decode
from .prototypes import ADDRESS, CODE, LOG, NONE, PROTOTYPES, STEP, XTEXT, Prototype

FULL = "libslurmfull.so"
RELEASE_PLUGIN = "hash_k12.so"
"""A plugin that every release has; its symbol plugin_version is the exact release."""

MODE = os.RTLD_NOW | os.RTLD_GLOBAL | os.RTLD_DEEPBIND
"""GLOBAL: libslurm's plugins need its symbols. DEEPBIND: its error() must not become glibc's, which exits."""

_PATH_LENGTH = 4096
_ALLOCATED = 3
"""NODE_STATE_ALLOCATED, the state that select_nodeinfo counts."""

_init_lock = threading.Lock()
_initialised: set[str] = set()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What slurm.conf says, as far as it is needed here; read by slurm_init, never again.

    controllers, addresses, port: of every slurmctld, the primary first; port is the first of SlurmctldPort's range.
    """

    path: str
    cluster_name: str
    controllers: tuple[str, ...]
    addresses: tuple[str, ...]
    port: int
    slurm_user: str
    slurm_user_id: int
    auth_type: str
    auth_alternatives: str
    select_type: str
    select_type_param: int
    plugin_directories: str


class Functions:
    """The C functions of one library, as attributes.

    A function that fails raises SlurmError; one that this release lacks raises SlurmUnsupported.
    """

    def __init__(self, release: Release, path: str) -> None:
        self._release = release
        self._path = path

    def __getattr__(self, name: str) -> Any:
        forms = [form for form in PROTOTYPES if form.name == name]
        if not forms:
            raise AttributeError(f"{name} is not in PROTOTYPES")
        raise SlurmUnsupported(_absence(name, forms, self._release, self._path), name)


class Library:
    """An open libslurm. It may be shared by all threads; load it after fork, never before.

    path: the file. release: (22, 5, 8). full: whether it is libslurmfull.so; the public library has no
    identity per thread. layout: the structs of that release. c: its functions.
    """

    def __init__(self, path: str, handle: ctypes.CDLL, release: Release) -> None:
        self.path = path
        self.handle = handle
        self.release = release
        self.release_text = release_text(release)
        self.full = Path(path).name == FULL
        self.layout = Layout.for_release(release)
        self.c: Any = Functions(release, path)
        self._attach()

    def __repr__(self) -> str:
        return f"<Library {self.release_text} {self.path}>"

    @staticmethod
    def open(path: str | os.PathLike[str] | None = None) -> Library:
        """Open libslurm and establish which release it is; nothing is initialised yet.

        path: the file, or the directory of libslurmfull.so; None searches the usual places.
        Raises: ConfigurationError where there is none, or one of an unknown release.
        """
        identity.prepare_process()
        found = _find(path)
        try:
            handle = ctypes.CDLL(found, mode=MODE, use_errno=True)
        except OSError as error:
            raise ConfigurationError(f"libslurm cannot be opened: {error}") from None
        return Library(found, handle, _release(found))

    def has(self, name: str) -> bool:
        """Whether this release has the C function *name* in a form that PROTOTYPES knows."""
        return name in vars(self.c)

    def init(self, conf: str | None = None) -> None:
        """Read slurm.conf by slurm_init, once in a process; later calls do nothing.

        conf: its path; None leaves the search to libslurm. A broken file ends the process and a missing
        one costs a minute: call probe.probe first.
        """
        with _init_lock:
            if self.path not in _initialised:
                self.c.slurm_init(os.fsencode(conf) if conf else None)
                _initialised.add(self.path)

    def log_to(self, descriptor: int, level: int) -> None:
        """Write libslurm's own messages to *descriptor*, a pipe or a file, and no more to stderr or syslog.

        level: of log.h: 0 none, 1 fatal, 2 error, 3 info, 4 verbose, 5 debug. The descriptor is duplicated.
        Source: log_alter_with_fp of libslurmfull.so.
        """
        libc: Any = ctypes.CDLL(None)
        libc.fdopen.restype = ctypes.c_void_p
        stream = libc.fdopen(os.dup(descriptor), b"w")
        options = _log_class(self.release)(logfile_level=level, prefix_level=True)
        self.c.log_alter_with_fp(options, 0, stream)

    def configuration(self) -> Configuration:
        """What slurm_init read. Source: the variable slurm_conf, slurm_conf_t of slurm.h."""
        conf: Any = self.layout.record("slurm_conf_t").in_dll(self.handle, "slurm_conf")
        return Configuration(
            path=decode(conf.slurm_conf),
            cluster_name=decode(conf.cluster_name),
            controllers=tuple(memory.strings(conf.control_machine, conf.control_cnt)),
            addresses=tuple(memory.strings(conf.control_addr, conf.control_cnt)),
            port=conf.slurmctld_port,
            slurm_user=decode(conf.slurm_user_name),
            slurm_user_id=conf.slurm_user_id,
            auth_type=decode(conf.authtype),
            auth_alternatives=decode(conf.authalttypes),
            select_type=decode(conf.select_type),
            select_type_param=conf.select_type_param,
            plugin_directories=decode(conf.plugindir),
        )

    def error(self, number: int, function: str) -> SlurmError:
        """The SlurmError for *number*, with its name and text."""
        return SlurmError(number, self.layout.error_name(number), self.strerror(number), function)

    def strerror(self, number: int) -> str:
        """What Slurm says of an error number. Source: slurm_strerror, slurm_errno.h."""
        return decode(self.c.slurm_strerror(number))

    def job_state(self, number: int) -> str:
        """The name of a job's base state, "RUNNING". Source: slurm_job_state_string."""
        return decode(self.c.slurm_job_state_string(number))

    def job_reason(self, number: int) -> str:
        """The name of the reason a job waits or failed, "Priority". Source: slurm_job_reason_string."""
        modern = self.has("slurm_job_state_reason_string")
        function = self.c.slurm_job_state_reason_string if modern else self.c.slurm_job_reason_string
        return decode(function(number))

    def message_type(self, number: int) -> str:
        """The name of an RPC, "REQUEST_PING". Source: rpc_num2string of libslurmfull.so."""
        return decode(self.c.rpc_num2string(number))

    def task_distribution(self, number: int) -> str:
        """How tasks are laid out, "block:cyclic". Source: format_task_dist_states of libslurmfull.so."""
        return decode(self.c.format_task_dist_states(number))

    def node_allocation(self, select_nodeinfo: int) -> tuple[int, int, str, float]:
        """What is allocated on a node: processors, memory in MiB, TRES as text, weighted TRES.

        select_nodeinfo: the address in the node's member of that name; 0 is a node with nothing allocated.
        Raises: SlurmUnsupported from 25.05 on, where these are members of node_info_t.
        Source: slurm_get_select_nodeinfo, slurm.h.
        """
        if not select_nodeinfo:
            return 0, 0, "", 0.0
        values: dict[str, Any] = {
            "SELECT_NODEDATA_SUBCNT": ctypes.c_uint16(),
            "SELECT_NODEDATA_MEM_ALLOC": ctypes.c_uint64(),
            "SELECT_NODEDATA_TRES_ALLOC_FMT_STR": ctypes.c_void_p(),
            "SELECT_NODEDATA_TRES_ALLOC_WEIGHTED": ctypes.c_double(),
        }
        for name, value in values.items():
            what = self.layout.constant(name)
            self.c.slurm_get_select_nodeinfo(select_nodeinfo, what, _ALLOCATED, ctypes.byref(value))
        cpus, mebibytes, tres, weighted = values.values()
        return cpus.value, mebibytes.value, self._take(tres.value), weighted.value

    def job_paths(self, job: int) -> tuple[str, str, str]:
        """The expanded file names of standard input, output and error of the slurm_job_info_t at *job*.

        Source: slurm_get_job_stdin, slurm_get_job_stdout, slurm_get_job_stderr, slurm.h.
        """
        buffer = ctypes.create_string_buffer(_PATH_LENGTH)
        found = []
        for function in (
            self.c.slurm_get_job_stdin,
            self.c.slurm_get_job_stdout,
            self.c.slurm_get_job_stderr,
        ):
            function(ctypes.byref(buffer), _PATH_LENGTH, job)
            found.append(decode(buffer.value))
        return found[0], found[1], found[2]

    def xfree(self, address: int) -> None:
        """Free what libslurm allocated with xmalloc. Source: slurm_xfree."""
        self.c.slurm_xfree(ctypes.byref(ctypes.c_void_p(address)))

    def _take(self, address: int | None) -> str:
        value = memory.text(address)
        if address:
            self.xfree(address)
        return value

    def _attach(self) -> None:
        for form in PROTOTYPES:
            present = form.since <= self.release[:2] and (form.until is None or self.release[:2] < form.until)
            if present and hasattr(self.handle, form.name):
                setattr(self.c, form.name, self._function(form))

    def _function(self, form: Prototype) -> Callable[..., Any]:
        function: Any = ctypes.CFUNCTYPE(
            ctypes.c_void_p if form.result == XTEXT else form.result,
            *(self._argument(argument) for argument in form.arguments),
            use_errno=True,
        )((form.name, self.handle))
        if form.result == XTEXT:
            return _taking(self, function, form)
        if form.check == NONE:
            checked: Callable[..., Any] = function
            return checked
        return _checked(self, function, form)

    def _argument(self, argument: Any) -> Any:
        if argument == STEP:
            return _step_class(self.layout)
        return _log_class(self.release) if argument == LOG else argument


def _checked(library: Library, function: Any, form: Prototype) -> Callable[..., Any]:
    """*function*, raising where its row's check says that it failed."""

    def call(*arguments: Any) -> Any:
        ctypes.set_errno(0)
        result = function(*arguments)
        if (form.check == CODE and result != 0) or (form.check == ADDRESS and not result):
            positive = result if form.check == CODE and result > 0 else 0
            raise library.error(positive or ctypes.get_errno() or -1, form.name)
        return result

    call.__name__ = form.name
    return call


def _taking(library: Library, function: Any, form: Prototype) -> Callable[..., bytes | None]:
    """*function*, whose text is copied and freed."""
    checked = _checked(library, function, form)

    def call(*arguments: Any) -> bytes | None:
        address = checked(*arguments)
        value = memory.string(address)
        if address:
            library.xfree(address)
        return value

    call.__name__ = form.name
    return call


def _step_class(layout: Layout) -> Any:
    """slurm_step_id_t as an argument type that accepts a plain job id."""
    no_value = layout.constant("NO_VAL")

    class Step(layout.record("slurm_step_id_t")):  # type: ignore[misc]
        @classmethod
        def from_param(cls, job_id: int) -> Any:
            return cls(job_id=job_id, step_het_comp=no_value, step_id=no_value)

    return Step


@functools.cache
def _log_class(release: Release) -> Any:
    """log_options_t, which the headers do not publish. Source: log.h in Slurm's src/common."""
    levels = [(f"{name}_level", ctypes.c_int) for name in ("stderr", "syslog", "logfile")]
    flags = [(name, ctypes.c_bool) for name in ("prefix_level", "buffered", "raw")]
    form = [("logfile_fmt", ctypes.c_int)] if release >= (23, 2) else []
    return type("log_options_t", (ctypes.Structure,), {"_fields_": [*levels, *flags, *form]})


def _absence(name: str, forms: list[Prototype], release: Release, path: str) -> str:
    since = min(form.since for form in forms)
    until = max((form.until or (99, 99)) for form in forms)
    if since <= release[:2] < until:
        return f"{path} does not export {name}; {FULL} does"
    have = f"{since[0]}.{since[1]:02} and later" if release[:2] < since else f"releases before {until[0]}.{until[1]:02}"
    return f"{name} is not in libslurm {release_text(release)}; it is in {have}"


def _find(path: str | os.PathLike[str] | None) -> str:
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


def _release(path: str) -> Release:
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
