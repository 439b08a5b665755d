"""What /slurmdb writes: POST adds or modifies, DELETE removes, each in one transaction that is all or nothing.

A modification changes what its document names and nothing else. Whatever is wrong with any part of a request, nothing
of it is stored; and what slurmdbd said it stored is read again.
"""

from .accounts import ACCOUNTS
from .associations import ASSOCIATIONS
from .clusters import CLUSTERS
from .posting import Deleting, Posting
from .qos import QOS
from .tres import TRES
from .users import USERS
from .wckeys import WCKEYS

__all__ = [
    "ACCOUNTS",
    "ASSOCIATIONS",
    "CLUSTERS",
    "QOS",
    "TRES",
    "USERS",
    "WCKEYS",
    "Deleting",
    "Posting",
]
