"""Controller: the calls that slurmctld answers, each as one identity.

Every method is one C function, named after it. Records go in and come out as they are; what they mean is
for the caller. An answer is Owned: use it in a `with`, copy what is needed, and it is freed.
"""

from __future__ import annotations

import ctypes
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from . import memory
from .answers import check_stride, freer
from .errors import UNKNOWN, SlurmError
from .identity import Identity, OwnIdentity
from .library import Library
from .lists import List
from .memory import decode, encode
from .owned import Owned
from .prototypes import ARRAYS

FEDERATION_KEPT = 60.0
"""Seconds for which it is known whether the cluster is in a federation."""

_OUT = object()
"""Stands for the `**` argument by which a C function hands its answer over."""


class ControllerPing(NamedTuple):
    """What one slurmctld said. latency: microseconds. offset: 0 the primary, 1 and up the backups."""

    hostname: str
    pinged: bool
    latency: int
    offset: int


class Controller:
    """slurmctld, as *identity* sees it; the process's own where None.

    One may be used by any thread. around: what each call but a ping is made inside of.
    Every method raises SlurmError where the call failed.
    """

    def __init__(
        self,
        library: Library,
        identity: Identity | None = None,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.library = library
        self.identity, self.around = identity or OwnIdentity(library), around
        self._constants = library.layout.constants

    def ping(self) -> list[ControllerPing]:
        """Ask every configured slurmctld whether it answers, without retries.

        Source: ping_all_controllers, slurm.h, from 23.02; before that slurm_ping for each.
        """
        with self.identity.acting():
            if self.library.has("ping_all_controllers"):
                return list(self._ping_all())
            names = self.library.configuration().controllers
            return [self._ping_one(offset, name) for offset, name in enumerate(names)]

    def statistics(self) -> Owned:
        """Fetch the counters behind sdiag, stats_info_response_msg_t. Source: slurm_get_statistics."""
        request = self.library.layout.record("stats_info_request_msg_t")()
        request.command_id = self._constants["STAT_COMMAND_GET"]
        return self._load("stats_info_response_msg_t", "slurm_get_statistics", _OUT, ctypes.byref(request))

    def load_licenses(self, since: int = 0) -> Owned:
        """Fetch licences: license_info_msg_t of num_lic slurm_license_info_t in lic_array.

        since: seconds since the epoch, 0 for all. Source: slurm_load_licenses.
        Raises: SlurmError SLURM_NO_CHANGE_IN_DATA when nothing changed after *since*.
        """
        return self._load("license_info_msg_t", "slurm_load_licenses", since, _OUT, 0)

    def load_jobs(self, since: int = 0, flags: int | None = None) -> Owned:
        """Fetch jobs: job_info_msg_t of record_count slurm_job_info_t in job_array.

        since: seconds since the epoch, 0 for all. flags: SHOW_* bits, SHOW_ALL|SHOW_DETAIL where None.
        Raises: SlurmError SLURM_NO_CHANGE_IN_DATA when nothing changed after *since*.
        Source: slurm_load_jobs.
        """
        return self._load("job_info_msg_t", "slurm_load_jobs", since, _OUT, self._show(flags, "SHOW_DETAIL"))

    def load_job(self, job_id: int, flags: int | None = None) -> Owned:
        """Fetch one job, all tasks of an array and all components of a heterogeneous job; like load_jobs.

        Raises: SlurmError ESLURM_INVALID_JOB_ID. Source: slurm_load_job.
        """
        show = self._show(flags, "SHOW_DETAIL")
        if not self.federated():
            # Else libslurm asks about a federation each time, which takes as long as the job itself.
            show |= self._constants["SHOW_LOCAL"]
        return self._load("job_info_msg_t", "slurm_load_job", _OUT, job_id, show)

    def federated(self) -> bool:
        """Tell whether the cluster may be in a federation; asked at most once in FEDERATION_KEPT seconds.

        Source: slurm_load_federation. Raises: SlurmError.
        """
        expires, federated = self.library.federated
        if time.monotonic() >= expires:
            message = self._call("slurmdb_federation_rec_t", "slurm_load_federation", _OUT)
            federated = message is not None and bool(message.record.cluster_list)
            if message is not None:
                message.close()
            self.library.federated = (time.monotonic() + FEDERATION_KEPT, federated)
        return federated

    def load_nodes(self, since: int = 0, flags: int | None = None) -> Owned:
        """Fetch nodes: node_info_msg_t of record_count node_info_t in node_array. Those without a name are not there.

        since: seconds since the epoch, 0 for all. flags: SHOW_* bits; SHOW_ALL, SHOW_DETAIL and SHOW_MIXED
        where None. Raises: SlurmError SLURM_NO_CHANGE_IN_DATA when nothing changed after *since*.
        Source: slurm_load_node.
        """
        show = self._show(flags, "SHOW_DETAIL", "SHOW_MIXED")
        return self._load("node_info_msg_t", "slurm_load_node", since, _OUT, show)

    def load_node(self, name: str, flags: int | None = None) -> Owned:
        """Fetch one node by name, like load_nodes; for an unknown one a record whose name is NULL.

        Source: slurm_load_node_single.
        """
        show = self._show(flags, "SHOW_DETAIL", "SHOW_MIXED")
        return self._load("node_info_msg_t", "slurm_load_node_single", _OUT, encode(name), show)

    def load_partitions(self, since: int = 0, flags: int | None = None) -> Owned:
        """Fetch partitions: partition_info_msg_t of record_count partition_info_t in partition_array.

        since: seconds since the epoch, 0 for all. flags: SHOW_* bits, SHOW_ALL where None.
        Raises: SlurmError SLURM_NO_CHANGE_IN_DATA when nothing changed after *since*.
        Source: slurm_load_partitions.
        """
        return self._load("partition_info_msg_t", "slurm_load_partitions", since, _OUT, self._show(flags))

    def load_reservations(self, since: int = 0) -> Owned:
        """Fetch reservations: reserve_info_msg_t of record_count reserve_info_t in reservation_array.

        since: seconds since the epoch, 0 for all. Source: slurm_load_reservations.
        Raises: SlurmError SLURM_NO_CHANGE_IN_DATA when nothing changed after *since*.
        """
        return self._load("reserve_info_msg_t", "slurm_load_reservations", since, _OUT)

    def populate_node_partitions(self, nodes: Owned, partitions: Owned) -> None:
        """Fill in the member partitions of every node in *nodes*, which must hold all nodes.

        It goes by index: after load_node alone it names the wrong ones.
        Source: slurm_populate_node_partitions.
        """
        self.library.c.slurm_populate_node_partitions(nodes.address, partitions.address)

    def new_job_description(self) -> Any:
        """A job_desc_msg_t with nothing set. Source: slurm_init_job_desc_msg."""
        return self._new("job_desc_msg_t", "slurm_init_job_desc_msg")

    def new_node_update(self) -> Any:
        """An update_node_msg_t with nothing set. Source: slurm_init_update_node_msg."""
        return self._new("update_node_msg_t", "slurm_init_update_node_msg")

    def submit_batch_job(self, description: Any) -> Owned:
        """Submit a job_desc_msg_t; submit_response_msg_t, whose error_code is a warning where it is not 0.

        Source: slurm_submit_batch_job.
        """
        return self._load("submit_response_msg_t", "slurm_submit_batch_job", ctypes.byref(description), _OUT)

    def submit_batch_het_job(self, descriptions: Sequence[Any]) -> Owned:
        """Submit one job_desc_msg_t for each component of a heterogeneous job; like submit_batch_job.

        Source: slurm_submit_batch_het_job.
        """
        with List(self.library, map(memory.address_of, descriptions)) as components:
            return self._load("submit_response_msg_t", "slurm_submit_batch_het_job", components.address, _OUT)

    def update_job(self, description: Any) -> Owned | None:
        """Change the job that job_id_str of a job_desc_msg_t names ("7", "7_1", "7_[1-3]").

        Returns: job_array_resp_msg_t with a number for each task where slurmctld gives one, else None.
        Source: slurm_update_job2.
        """
        return self._call("job_array_resp_msg_t", "slurm_update_job2", ctypes.byref(description), _OUT)

    def kill_job(self, job_id: str, signal: int, flags: int = 0) -> None:
        """Send a signal (9 cancels) to what *job_id* names: "7", "7_1", "7_[1-3]", "21+1".

        flags: KILL_* bits. Raises: SlurmError ESLURM_ALREADY_DONE among others. Source: slurm_kill_job2.
        """
        self._simply("slurm_kill_job2", encode(job_id), signal, flags, None)

    def update_node(self, update: Any) -> None:
        """Change the nodes that an update_node_msg_t names. Source: slurm_update_node."""
        self._simply("slurm_update_node", ctypes.byref(update))

    def delete_node(self, names: str) -> None:
        """Delete dynamic nodes, a host list. Source: slurm_delete_node."""
        update = self.new_node_update()
        update.node_names = encode(names)
        self._simply("slurm_delete_node", ctypes.byref(update))

    def _show(self, flags: int | None, *names: str) -> int:
        if flags is not None:
            return flags
        return sum(self._constants[name] for name in ("SHOW_ALL", *names))

    def _new(self, struct: str, initialise: str) -> Any:
        record = self.library.layout.record(struct)()
        getattr(self.library.c, initialise)(ctypes.byref(record))
        return record

    def _simply(self, function: str, *arguments: Any) -> None:
        with self.around(), self.identity.acting():
            getattr(self.library.c, function)(*arguments)

    def _call(self, struct: str, function: str, *arguments: Any) -> Owned | None:
        pointer = ctypes.c_void_p()
        self._simply(function, *[ctypes.byref(pointer) if argument is _OUT else argument for argument in arguments])
        if not pointer.value:
            return None
        if struct in ARRAYS:
            # Before anything owns it: with a wrong layout it could not be freed either.
            check_stride(self.library, struct, pointer.value)
        return Owned(pointer.value, self.library.layout.record(struct), freer(self.library, struct))

    def _load(self, struct: str, function: str, *arguments: Any) -> Owned:
        owned = self._call(struct, function, *arguments)
        if owned is None:
            raise SlurmError(UNKNOWN, "", "slurmctld gave no answer and no error", function)
        return owned

    def _ping_all(self) -> Iterator[ControllerPing]:
        start: int = self.library.c.ping_all_controllers()
        record = self.library.layout.record("controller_ping_t")
        try:
            for address in itertools.count(start, ctypes.sizeof(record)):
                found: Any = memory.record_at(record, address)
                if found.hostname is None:
                    return
                yield ControllerPing(decode(found.hostname), found.pinged, found.latency, found.offset)
        finally:
            self.library.xfree(start)

    def _ping_one(self, offset: int, name: str) -> ControllerPing:
        began = time.perf_counter()
        try:
            self.library.c.slurm_ping(offset)
            pinged = True
        except SlurmError:
            pinged = False
        return ControllerPing(name, pinged, int((time.perf_counter() - began) * 1e6), offset)
