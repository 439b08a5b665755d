"""A command in namespaces of its own: it sees no process but those it starts, and no network but loopback.

So what it starts neither meets what others run on the same ports, nor outlives it.
"""

from pathlib import Path

# The shell stays as process 1, to reap what daemons leave behind.
ENTER = """
mount --make-rprivate / && mount -t proc proc "$0/proc" || exit 125
if [ -n "$0" ]; then
    mount --rbind /dev "$0/dev" && mount -t sysfs sysfs "$0/sys" || exit 125
    set -- chroot "$0" "$@"
fi
"$@"
"""
# Where a host has no address but 127.0.0.1, getaddrinfo with AI_ADDRCONFIG, as Slurm uses it, finds no names.
WITH_LOOPBACK = ("sh", "-c", 'ip link set lo up && ip address add 127.0.0.2/8 dev lo && exec "$@"', "sh")


def command(*argv: str, root: Path | None = None, network: bool = False) -> tuple[str, ...]:
    """Make the command line that runs *argv* so; for root alone. It ends with the process that started it.

    root: a directory with a system of its own, to be in. network: whether it has the machine's network after all.
    """
    namespaces = ("--mount", "--pid", "--fork", "--kill-child", *(() if network else ("--net", "--uts")))
    loopback = () if network else WITH_LOOPBACK
    return ("unshare", *namespaces, "sh", "-c", ENTER, str(root or ""), *loopback, *argv)
