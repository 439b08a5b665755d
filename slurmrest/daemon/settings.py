"""The settings of slurmrestd, one row each, and how their values are validated.

Command line, environment, defaults, help and manual page are made of SETTINGS; nothing says any of it twice.
"""

from __future__ import annotations

import grp
import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import plugins, versions
from .addresses import parse_address, parse_addresses

THREADS_MIN, THREADS_MAX = 2, 1024
LEVELS = ("quiet", "fatal", "error", "info", "verbose", "debug", "debug2", "debug3", "debug4", "debug5")
"""Log levels by number, as slurm.conf names them."""
INFO = LEVELS.index("info")
IDS = 0xFFFFFFFE
"""The largest uid or gid; the next one means "no change" to the kernel."""

BECOME_USER, NO_USER_CHECK = "become_user", "disable_user_check"
SHARE_FILES, SHARE_SEMAPHORES = "disable_unshare_files", "disable_unshare_sysv"
SECURITY = {
    BECOME_USER: "In inetd mode, as root: become the user on the other end of the unix socket, for good. Not possible "
    "with rest_auth/jwt, so -a rest_auth/local is needed too.",
    SHARE_FILES: "Go on sharing the table of open files with the process that started slurmrestd.",
    SHARE_SEMAPHORES: "Go on sharing the undo values of System V semaphores with that process.",
    NO_USER_CHECK: "Run as root, as SlurmUser, or with the group of one of them. Whoever gets the better of slurmrestd "
    "then has the privileges of that user.",
}
"""Value of SLURMRESTD_SECURITY -> what it does."""


def number(what: str, least: int, most: int | None = None) -> Callable[[str], int]:
    """Make a validator for whole numbers from *least* to *most*."""
    expected = f"a number from {least} to {most}" if most is not None else f"a number of at least {least}"

    def validate(text: str) -> int:
        if not _digits(text) or not least <= int(text) <= (most or int(text)):
            raise ValueError(f'"{text}" is not {what}: expected {expected}')
        return int(text)

    return validate


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20  # noqa: PLR2004 - no count has that many


def one_of(*words: str) -> Callable[[str], str]:
    """Make a validator for a list of *words*, comma-delimited, whatever their case."""

    def validate(text: str) -> str:
        for word in filter(None, text.split(",")):
            if word.strip().lower() not in words:
                raise ValueError(f'"{word}" is unknown: expected {" or ".join(words)}')
        return text

    return validate


def level(text: str) -> int:
    """Validate a log level given as a number or by its name."""
    if text.lower() in LEVELS:
        return LEVELS.index(text.lower())
    if _digits(text) and int(text) < len(LEVELS):
        return int(text)
    raise ValueError(f'"{text}" is not a log level: expected 0 to {len(LEVELS) - 1}, or {" ".join(LEVELS)}')


def more_verbose(times: int) -> int:
    """Give the log level for so many -v; beyond the sixth they change nothing."""
    return min(INFO + times, len(LEVELS) - 1)


def file_name(text: str) -> str:
    """Validate the name of a file, which need not exist. Gives its absolute path."""
    if not text:
        raise ValueError("expected the name of a file")
    return os.path.abspath(text)  # noqa: PTH100 - and .. as it is understood here


def user_id(text: str) -> int:
    """Give the uid of a user, by name or number. Raises: ValueError for one that there is not."""
    try:
        return pwd.getpwnam(text).pw_uid
    except (KeyError, ValueError):
        return _identifier(text, "user")


def group_id(text: str) -> int:
    """Give the gid of a group, by name or number. Raises: ValueError for one that there is not."""
    try:
        return grp.getgrnam(text).gr_gid
    except (KeyError, ValueError):
        return _identifier(text, "group")


def _identifier(text: str, what: str) -> int:
    if not _digits(text) or int(text) > IDS:
        raise ValueError(f'"{text}" is unknown: expected the name or number of a {what}')
    return int(text)


def security(text: str) -> frozenset[str]:
    """Understand SLURMRESTD_SECURITY, whatever the case. Raises: ValueError."""
    return frozenset(word.strip().lower() for word in one_of(*SECURITY)(text).split(",") if word.strip())


@dataclass(frozen=True)
class Setting:
    """One row.

    name: of the attribute in Config. option: on the command line, "" for none, "..." for what has no option.
    variable: in the environment, "" for none. validate: text -> value, raises ValueError.
    metavar: what the value is called in the help. text: help.
    more: what the manual says besides, a paragraph a line.
    count: times given -> value, for a switch. many: for several values; makes them of the variable's text.
    empty: whether a variable that is empty counts as set.
    """

    name: str
    option: str
    variable: str
    validate: Callable[[str], Any]
    default: Any
    metavar: str
    text: str
    more: str = ""
    count: Callable[[int], Any] | None = None
    many: Callable[[str], tuple[Any, ...]] | None = None
    aliases: tuple[str, ...] = field(default=())
    empty: bool = False


POSITIONAL = "..."

# fmt: off
SETTINGS = (
    Setting("addresses", POSITIONAL, "SLURMRESTD_LISTEN", parse_address, (), "[host]:port | unix:/path",
            "Where to listen, as often as wanted. Without a host: on every interface. Without any: standard input.",
            "A host is a name, an IPv4 address, or an IPv6 address in brackets. A name is looked up once, at the "
            "start, and all that it stands for is listened on.\n"
            "Everybody may connect to a unix socket; who is served is decided for each request. A socket on which "
            "another process listens is not taken over, a file that a daemon left behind is replaced.",
            many=parse_addresses),
    Setting("auth", "-a", plugins.AUTH.variable, plugins.AUTH.parse, ",".join(plugins.AUTH.names), "names",
            "Accept only requests that are authenticated like this. list: show the names.",
            "See AUTHENTICATION. Default: all of them."),
    Setting("data_parser", "-d", versions.VARIABLE, versions.plugins, versions.DEFAULT, "names",
            "Form of the documents: an API version and, after a +, the release whose dialect it is. list: show them.",
            f"Default: {versions.DEFAULT}"),
    Setting("conf", "-f", "SLURM_CONF", file_name, None, "file",
            "Read this slurm.conf.",
            "Default: where libslurm was built to look for it, then /etc/slurm/slurm.conf."),
    Setting("group", "-g", "", group_id, None, "group",
            "Serve with this group, and with no supplementary groups.",
            "A name or a number. Only root can change its group. It takes place once the sockets are bound. The "
            "group should be one of its own, without any rights; the groups of root and of SlurmUser are refused."),
    Setting("threads", "-t", "", number("a thread count", THREADS_MIN, THREADS_MAX), 20, "count",
            "Threads that answer requests, in all processes together.",
            f"From {THREADS_MIN} to {THREADS_MAX}. Default: 20. Without a meaning in inetd mode."),
    Setting("max_connections", "--max-connections", "SLURMRESTD_MAX_CONNECTIONS",
            number("a connection count", 1), 124, "count",
            "Connections that are processed at a time, in all processes together. More of them wait.",
            "Default: 124. Each may cost slurmctld an RPC, and memory here while it lasts. The limit on open files "
            "(RLIMIT_NOFILE) is raised to what they need; where that is not allowed, slurmrestd does not start."),
    Setting("openapi", "-s", plugins.OPENAPI.variable, plugins.OPENAPI.parse, ",".join(plugins.OPENAPI.names), "names",
            "Serve only the URLs of these OpenAPI plugins. list: show the names.",
            "The other URLs are not found, and not in the OpenAPI document. Default: all of them. v0.0.39 or "
            "slurmctld is what begins with /slurm/, dbv0.0.39 or slurmdbd what begins with /slurmdb/."),
    Setting("user", "-u", "", user_id, None, "user",
            "Serve as this user, in his group unless -g says another, and with no supplementary groups.",
            "A name or a number. Only root can change its user. It takes place once the sockets are bound: a port "
            "below 1024 or a socket in a folder of root's is no obstacle. But only who may write to that folder can "
            "remove the socket at the end. The user should be one of its own, known where slurmctld runs, without "
            "any rights; root and SlurmUser are refused."),
    Setting("level", "-v", "SLURMRESTD_DEBUG", level, INFO, "",
            "Say more. Up to six times, each time more.",
            "Comes before SLURMRESTD_DEBUG.", count=more_verbose),
    Setting("debug_flags", "", "SLURM_DEBUG_FLAGS", str, "", "names",
            "What libslurm says more about, comma-delimited: DebugFlags of slurm.conf(5).",
            "Comes before the line in slurm.conf. Which names there are depends on the release of libslurm."),
    Setting("jwt", "", "SLURM_JWT", bool, None, "daemon",
            "Where it is set, requests can be authenticated by tokens (rest_auth/jwt).",
            "The value has no meaning, unless it is a token: then the requests that rest_auth/local admits are made "
            "as the user of that token.", empty=True),
    Setting("json", "", "SLURMRESTD_JSON", one_of("compact", "pretty"), "", "compact|pretty",
            "How JSON is written.",
            "Default: pretty."),
    Setting("yaml", "", "SLURMRESTD_YAML", one_of("compact", "pretty", "no_tag"), "", "compact|pretty|no_tag",
            "How YAML is written.",
            "Default: pretty."),
    Setting("security", "", "SLURMRESTD_SECURITY", security, frozenset(), "|".join(SECURITY),
            "What slurmrestd does without of its own protection, comma-delimited."),
    Setting("check", "--check", "", str, None, "",
            "Say what would work and what not, a line each, and exit.",
            "libslurm, slurm.conf, slurmctld and slurmdbd and how fast they answer, the kinds of authentication, "
            "the addresses. Exit status 1 where one of them would not work.", count=bool),
    Setting("generate", "--generate-openapi-spec", "", str, None, "",
            "Print the OpenAPI document, and exit. No Slurm is needed for it.", count=bool),
    Setting("version", "-V", "", str, None, "",
            "Print the version of Slurm that is used, and exit.", count=bool),
    Setting("help", "-h", "", str, None, "",
            "Print this text, and exit.", count=bool, aliases=("--help",)),
)
# fmt: on
