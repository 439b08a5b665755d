"""GET nodes: nodes and what is measured on them."""

from __future__ import annotations

from ..computed import node
from ..fields import Computed, Field, Let, Skip, Table
from ..special import USER_ID, Pointer
from ..types import CSV_LIST, FLOAT64, INT32, INT64, STRING, UINT16, UINT32, UINT32_NO_VAL, UINT64, UINT64_NO_VAL
from .flags import NODE_STATES

ACCT_GATHER_ENERGY = Table(
    "ACCT_GATHER_ENERGY",
    "acct_gather_energy_t",
    "Energy that a node used, as slurmd measured it",
    (
        Field("average_watts", UINT32, "ave_watts", "Mean power (W)"),
        Field(
            "base_consumed_energy",
            UINT64,
            "base_consumed_energy",
            "Energy counted before slurmd started to measure (J)",
        ),
        Field("consumed_energy", UINT64, "consumed_energy", "Energy used (J)"),
        Field("current_watts", UINT32, "current_watts", "Power now (W)", until=(39, 5)),
        Field("current_watts", UINT32_NO_VAL, "current_watts", "Power now (W)", since=(39, 5)),
        Field(
            "previous_consumed_energy",
            UINT64,
            "previous_consumed_energy",
            "Energy used as of the measurement before (J)",
        ),
        Field("last_collected", UINT64, "poll_time", "When it was last measured (seconds since the epoch)"),
        Skip("slurmd_start_time", "last_adjustment"),
    ),
)

EXT_SENSORS_DATA = Table(
    "EXT_SENSORS_DATA",
    "ext_sensors_data_t",
    "Readings of sensors outside the node",
    (
        Field("consumed_energy", UINT64_NO_VAL, "consumed_energy", "Energy used (J)"),
        Field("temperature", UINT32_NO_VAL, "temperature", "Temperature (degrees Celsius)"),
        Field(
            "energy_update_time",
            UINT64,
            "energy_update_time",
            "When the energy was last read (seconds since the epoch)",
        ),
        Field("current_watts", UINT32, "current_watts", "Power now (W)"),
    ),
)

POWER_MGMT_DATA = Table(
    "POWER_MGMT_DATA",
    "power_mgmt_data_t",
    "Power limits of a node",
    (
        Field("maximum_watts", UINT32_NO_VAL, "cap_watts", "Limit of the power (W)"),
        Field("current_watts", UINT32, "current_watts", "Power now (W)"),
        Field("total_energy", UINT64, "joule_counter", "Energy used (J)"),
        Field("new_maximum_watts", UINT32, "new_cap_watts", "Limit that is about to be set (W)"),
        Field("peak_watts", UINT32, "max_watts", "Highest power the node can use (W)"),
        Field("lowest_watts", UINT32, "min_watts", "Lowest power the node can use (W)"),
        Field(
            "new_job_time",
            UINT64,
            "new_job_time",
            "When a job was last started on the node (seconds since the epoch)",
        ),
        Field("state", UINT16, "state", "Power state, in the numbers of the power plugin"),
        Field(
            "time_start_day",
            UINT64,
            "time_usec",
            "Time of the measurement (microseconds since the start of the day)",
        ),
    ),
)

NODE = Table(
    "NODE",
    "node_info_t",
    "A node",
    (
        Let(
            "allocation",
            node.allocation,
            uses=("select_nodeinfo", "alloc_cpus", "alloc_memory", "alloc_tres_fmt_str"),
            few=True,
        ),
        Field("architecture", STRING, "arch", "Processor architecture"),
        Field("burstbuffer_network_address", STRING, "bcast_address", "Address for broadcasts of files"),
        Field("boards", UINT16, "boards", "Boards"),
        Field("boot_time", UINT64, "boot_time", "When the node booted (seconds since the epoch)"),
        Field(
            "cluster_name",
            STRING,
            "cluster_name",
            "Cluster it belongs to, in a federation or a multi-cluster answer",
        ),
        Field("cores", UINT16, "cores", "Cores per socket"),
        Field("specialized_cores", UINT16, "core_spec_cnt", "Cores left to the system"),
        Field(
            "cpu_binding",
            UINT32,
            "cpu_bind",
            "Default binding of tasks to CPUs, as a number of CPU_BIND_* bits",
        ),
        Field("cpu_load", UINT32_NO_VAL, "cpu_load", "Load average times 100"),
        Field("free_mem", UINT64_NO_VAL, "free_mem", "Memory free as the node reported it (MiB)"),
        Field("cpus", UINT16, "cpus", "CPUs configured"),
        Field("effective_cpus", UINT16, "cpus_efctv", "CPUs that jobs can use"),
        Field(
            "specialized_cpus",
            STRING,
            "cpu_spec_list",
            "CPUs left to the system, as a list of their numbers",
        ),
        Field("energy", Pointer(ACCT_GATHER_ENERGY), "energy", "Energy used"),
        Field("external_sensors", Pointer(EXT_SENSORS_DATA), "ext_sensors", "Readings of external sensors"),
        Field("extra", STRING, "extra", "Arbitrary text"),
        Field("power", Pointer(POWER_MGMT_DATA), "power", "Power limits"),
        Field("features", CSV_LIST, "features", "Features the node can have"),
        Field("active_features", CSV_LIST, "features_act", "Features the node has now"),
        Field("gres", STRING, "gres", "Generic resources configured"),
        Field("gres_drained", STRING, "gres_drain", "Generic resources that are drained"),
        Field("gres_used", STRING, "gres_used", "Generic resources in use"),
        Field("last_busy", UINT64, "last_busy", "When a job last ran on the node (seconds since the epoch)"),
        Field("mcs_label", STRING, "mcs_label", "Multi-category security label"),
        Field("specialized_memory", UINT64, "mem_spec_limit", "Memory left to the system (MiB)"),
        Field("name", STRING, "name", "Name in Slurm", varies=True),
        Field("next_state_after_reboot", NODE_STATES, "next_state", "State that follows a reboot"),
        Field("address", STRING, "node_addr", "Address for messages", varies=True),
        Field("hostname", STRING, "node_hostname", "Host name", varies=True),
        Field("state", NODE_STATES, "node_state", "State and the flags on it"),
        Field("operating_system", STRING, "os", "Operating system"),
        Field("owner", USER_ID, "owner", "User who has the node for himself"),
        Field("partitions", CSV_LIST, "partitions", "Partitions it is in"),
        Field("port", UINT16, "port", "Port of slurmd"),
        Field("real_memory", UINT64, "real_memory", "Memory configured (MiB)"),
        Field("comment", STRING, "comment", "Comment of an administrator"),
        Field("reason", STRING, "reason", "Why it is down, drained or failing"),
        Field(
            "reason_changed_at",
            UINT64,
            "reason_time",
            "When the reason was set (seconds since the epoch)",
        ),
        Field("reason_set_by_user", USER_ID, "reason_uid", "User who set the reason"),
        Field(
            "resume_after",
            UINT64_NO_VAL,
            "resume_after",
            "When it is resumed by itself (seconds since the epoch)",
        ),
        Field("reservation", STRING, "resv_name", "Reservation it is in"),
        Computed("alloc_memory", INT64, node.alloc_memory, "Memory given to jobs (MiB)", uses=("allocation",)),
        Computed("alloc_cpus", INT32, node.alloc_cpus, "CPUs given to jobs", uses=("allocation",)),
        Computed("alloc_idle_cpus", INT32, node.idle_cpus, "CPUs not given to jobs", uses=("cpus", "allocation")),
        Computed("tres_used", STRING, node.tres_used, "Trackable resources given to jobs", uses=("allocation",)),
        Computed(
            "tres_weighted",
            FLOAT64,
            node.tres_weighted,
            "Billing weight of the resources given to jobs; 0 from 25.05 on",
            uses=("allocation",),
        ),
        Field(
            "slurmd_start_time",
            UINT64,
            "slurmd_start_time",
            "When slurmd started (seconds since the epoch)",
        ),
        Field("sockets", UINT16, "sockets", "Sockets"),
        Field("threads", UINT16, "threads", "Threads per core"),
        Field("temporary_disk", UINT32, "tmp_disk", "Temporary disk space (MiB)"),
        Field("weight", UINT32, "weight", "Scheduling weight, low first"),
        Field("tres", STRING, "tres_fmt_str", "Trackable resources configured"),
        Field("version", STRING, "version", "Version of slurmd"),
        Skip("instance_id", "instance_type", "res_cores_per_gpu", "gpu_spec", "cert_flags", "cert_last_renewal"),
        Skip("topology_str", "parameters", "suspend_time"),
    ),
)
