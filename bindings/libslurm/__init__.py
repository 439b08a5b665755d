"""libslurm: Slurm's C library from Python, for any release from 22.05 to 26.05.

    import libslurm

    library = libslurm.Library.open()
    library.init()
    with libslurm.Controller(library).load_nodes() as nodes:
        for node in (one for one in nodes.records("node_array", "record_count", "node_info_t") if one.name):
            print(node.name.decode(), node.cpus)

Nothing here knows HTTP or documents. Library finds and opens libslurm, Layout has the structs of its
release, Controller the calls that slurmctld answers, Accounting those of slurmdbd, Identity whom they are made
as, Owned what they returned. A failed call raises SlurmError. Load it after fork, never before; probe says
beforehand whether it can be used, without loading it into this process.
"""

from .accounting import Accounting, Accountings
from .connection import Connection
from .controller import Controller, ControllerPing
from .errors import ClosedError, ConfigurationError, SlurmError, SlurmUnsupported
from .identity import Identity, OwnIdentity, TokenIdentity, prepare_process
from .layout import ConstantError, Layout, LayoutError, Member, Struct
from .library import Configuration, Library
from .lists import Bitstring, List, elements, expand_hostlist, hostlist_has, ranged_hostlist, text_list
from .memory import Arena, address_of, read, record_at, string, strings, text
from .owned import Owned, OwnedList
from .probe import Probe, probe, verify

__all__ = [
    "Accounting",
    "Accountings",
    "Arena",
    "Bitstring",
    "ClosedError",
    "Configuration",
    "ConfigurationError",
    "Connection",
    "ConstantError",
    "Controller",
    "ControllerPing",
    "Identity",
    "Layout",
    "LayoutError",
    "Library",
    "List",
    "Member",
    "OwnIdentity",
    "Owned",
    "OwnedList",
    "Probe",
    "SlurmError",
    "SlurmUnsupported",
    "Struct",
    "TokenIdentity",
    "address_of",
    "elements",
    "expand_hostlist",
    "hostlist_has",
    "prepare_process",
    "probe",
    "ranged_hostlist",
    "read",
    "record_at",
    "string",
    "strings",
    "text",
    "text_list",
    "verify",
]
