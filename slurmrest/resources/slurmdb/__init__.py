"""The URLs of /slurmdb/v0.0.39."""

from .accounts import Account, Accounts
from .associations import Association, Associations
from .clusters import ClusterRecord, Clusters
from .config import Config
from .diag import Diag
from .jobs import Job, Jobs
from .qos import Qos, QosList
from .tres import Tres
from .users import User, Users
from .wckeys import Wckey, Wckeys

__all__ = [
    "Account",
    "Accounts",
    "Association",
    "Associations",
    "ClusterRecord",
    "Clusters",
    "Config",
    "Diag",
    "Job",
    "Jobs",
    "Qos",
    "QosList",
    "Tres",
    "User",
    "Users",
    "Wckey",
    "Wckeys",
]
