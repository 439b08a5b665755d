"""GET licenses."""

from __future__ import annotations

from ..fields import Field, Skip, Table
from ..types import BOOL, STRING, UINT32, UINT64

LICENSE = Table(
    "LICENSE",
    "slurm_license_info_t",
    "A license",
    (
        Field("LicenseName", STRING, "name", "Name"),
        Field("Total", UINT32, "total", "Licenses there are"),
        Field("Used", UINT32, "in_use", "Licenses in use"),
        Field("Free", UINT32, "available", "Licenses available"),
        Field("Remote", BOOL, "remote", "Whether slurmdbd serves them"),
        Field("Reserved", UINT32, "reserved", "Licenses reserved"),
        Field("LastConsumed", UINT32, "last_consumed", "Licenses in use when its server was last asked"),
        Field(
            "LastDeficit",
            UINT32,
            "last_deficit",
            "Licenses that jobs here hold beyond what its server counts",
        ),
        Field(
            "LastUpdate",
            UINT64,
            "last_update",
            "When its server was last asked (seconds since the epoch)",
        ),
        Skip("mode", "nodes"),
    ),
)
