"""Library: find libslurm, open it, establish its exact release, attach the prototypes."""

from __future__ import annotations

import ctypes
import functools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from . import identity, memory
from .errors import ConfigurationError, SlurmError, SlurmUnsupported
from .layout import Layout, Release, release_text
from .locate import FULL, find, release_of
from .memory import decode
from .prototypes import ADDRESS, CODE, FREE, LOG, NONE, PROTOTYPES, QUICK, RECORD, STEP, VOID, XTEXT, Prototype

MODE = os.RTLD_NOW | os.RTLD_GLOBAL | os.RTLD_DEEPBIND
"""GLOBAL: libslurm's plugins need its symbols. DEEPBIND: its error() must not become glibc's, which exits."""

_PATH_LENGTH = 4096
_ALLOCATED = 3
"""NODE_STATE_ALLOCATED, the state that select_nodeinfo counts."""

_init_lock = threading.Lock()
_initialised: set[str] = set()


class Configuration(NamedTuple):
    """What slurm.conf says, as far as it is needed here; read by slurm_init, never again.

    controllers, addresses, port: of every slurmctld, the primary first; port is the first of SlurmctldPort's range.
    database_hosts, database_port: of every slurmdbd, the primary first; no hosts where there is none.
    """

    path: str
    cluster_name: str
    controllers: tuple[str, ...]
    addresses: tuple[str, ...]
    port: int
    slurm_user: str
    slurm_user_id: int
    auth_type: str
    auth_info: str
    auth_alternatives: str
    select_type: str
    select_type_param: int
    plugin_directories: str
    database_hosts: tuple[str, ...]
    database_port: int


class _Allocation(threading.local):
    """Where slurm_get_select_nodeinfo puts what it finds, for each thread: a cluster has thousands of nodes."""

    def __init__(self) -> None:
        self.cpus, self.memory = ctypes.c_uint16(), ctypes.c_uint64()
        self.tres, self.weighted = ctypes.c_void_p(), ctypes.c_double()
        self.sizes = (
            ("SELECT_NODEDATA_SUBCNT", ctypes.addressof(self.cpus)),
            ("SELECT_NODEDATA_MEM_ALLOC", ctypes.addressof(self.memory)),
        )
        self.tracked = (
            ("SELECT_NODEDATA_TRES_ALLOC_FMT_STR", ctypes.addressof(self.tres)),
            ("SELECT_NODEDATA_TRES_ALLOC_WEIGHTED", ctypes.addressof(self.weighted)),
        )


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
        self.free_few: dict[str, Callable[[int], None]] = {}
        """The functions of FREE, for messages so small that they are called with Python's lock held, like QUICK."""
        self.freers: dict[str, Callable[[int], None]] = {}
        """What frees a whole answer, by its struct (answers.py)."""
        self._attach()
        self._configuration: Configuration | None = None
        self._allocation = _Allocation()
        self.federated: tuple[float, bool] = (0.0, False)
        """Until when (time.monotonic) it is known whether the cluster is in a federation, and whether it is."""

    def __repr__(self) -> str:
        return f"<Library {self.release_text} {self.path}>"

    @staticmethod
    def open(path: str | os.PathLike[str] | None = None) -> Library:
        """Open libslurm and establish which release it is; nothing is initialised yet.

        path: the file, or the directory of libslurmfull.so; None searches the usual places.
        Raises: ConfigurationError where there is none, or one of an unknown release.
        """
        identity.prepare_process()
        found = find(path)
        try:
            handle = ctypes.CDLL(found, mode=MODE, use_errno=True)
        except OSError as error:
            raise ConfigurationError(f"libslurm cannot be opened: {error}") from None
        return Library(found, handle, release_of(found))

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

    def set_debug_flags(self, names: str) -> None:
        """Choose what libslurm says more about, in place of DebugFlags of slurm.conf; after init.

        names: comma-delimited, as in slurm.conf. Raises: ConfigurationError for one that this release lacks.
        Source: debug_str2flags of libslurmfull.so, debug_flags of slurm_conf_t.
        """
        flags = ctypes.c_uint64()
        try:
            self.c.debug_str2flags(names.encode(), ctypes.byref(flags))
        except SlurmError:
            text = f'debug flags "{names}" are not those of Slurm {self.release_text}: see DebugFlags in slurm.conf(5)'
            raise ConfigurationError(text) from None
        conf: Any = self.layout.record("slurm_conf_t").in_dll(self.handle, "slurm_conf")
        conf.debug_flags = flags.value

    def configuration(self) -> Configuration:
        """What slurm_init read. Source: the variable slurm_conf, slurm_conf_t of slurm.h."""
        # Nothing reads slurm.conf again.
        if self._configuration is None or self.path not in _initialised:
            self._configuration = self._read_configuration()
        return self._configuration

    def _read_configuration(self) -> Configuration:
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
            auth_info=decode(conf.authinfo),
            auth_alternatives=decode(conf.authalttypes),
            select_type=decode(conf.select_type),
            select_type_param=conf.select_type_param,
            plugin_directories=decode(conf.plugindir),
            database_hosts=tuple(decode(host) for host in _database_hosts(conf) if host),
            database_port=conf.accounting_storage_port,
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

    def step_distribution(self, number: int) -> str:
        """How a step's tasks are laid out, "Cyclic". Source: slurm_step_layout_type_name of libslurmfull.so."""
        return decode(self.c.slurm_step_layout_type_name(number))

    def database_message(self, number: int) -> str:
        """The name of an RPC of slurmdbd, "DBD_GET_JOBS_COND". Source: slurmdbd_msg_type_2_str of libslurmfull.so."""
        return decode(self.c.slurmdbd_msg_type_2_str(number, 1))

    def node_allocation(self, select_nodeinfo: int) -> tuple[int, int, str, float]:
        """What is allocated on a node: processors, memory in MiB, TRES as text, weighted TRES.

        select_nodeinfo: the address in the node's member of that name; 0 is a node with nothing allocated.
        Raises: SlurmUnsupported from 25.05 on, where these are members of node_info_t.
        Source: slurm_get_select_nodeinfo, slurm.h.
        """
        found = self._allocation
        if not select_nodeinfo:
            return 0, 0, "", 0.0
        get, constant = self.c.slurm_get_select_nodeinfo, self.layout.constant
        for name, address in found.sizes:
            get(select_nodeinfo, constant(name), _ALLOCATED, address)
        if not (found.cpus.value or found.memory.value):
            # Every job has one of them, and most nodes of a message no job.
            return 0, 0, "", 0.0
        for name, address in found.tracked:
            get(select_nodeinfo, constant(name), _ALLOCATED, address)
        return found.cpus.value, found.memory.value, self._take(found.tres.value), found.weighted.value

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
                if form.name in FREE.values():
                    self.free_few[form.name] = ctypes.PYFUNCTYPE(VOID, RECORD)((form.name, self.handle))

    def _function(self, form: Prototype) -> Callable[..., Any]:
        result = ctypes.c_void_p if form.result == XTEXT else form.result
        arguments = [self._argument(argument) for argument in form.arguments]
        if form.name in QUICK:
            function: Any = ctypes.PYFUNCTYPE(result, *arguments)((form.name, self.handle))
        else:
            function = ctypes.CFUNCTYPE(result, *arguments, use_errno=True)((form.name, self.handle))
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


def _database_hosts(conf: Any) -> tuple[bytes | None, ...]:
    if not decode(conf.accounting_storage_type).endswith("slurmdbd"):
        return ()
    return conf.accounting_storage_host, conf.accounting_storage_backup_host


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
