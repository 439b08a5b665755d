"""Fields of a submission against the options of sbatch: the same job to slurmctld, and the same to scontrol.

What an option changes for sbatch, its field must change for the daemon: in what scontrol shows of the job, and in
the description that slurmctld says it was sent, which has things that scontrol does not show.
"""

from __future__ import annotations

import itertools
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.live.commands import seconds
from tests.live.jobs import Jobs
from tests.plugins.cluster import Cluster

USER = "games"
SAID = re.compile(r"(?:slurmctld:|\[\S+\]) debug3:    ")
"""How slurmctld begins what it says of a job: with its name, in later releases with the time."""
TASKS = ["EXACT_TASK_COUNT_REQUESTED"]
CPUS = ["EXACT_CPU_COUNT_REQUESTED"]
BEGIN = "2037-01-02T03:04:05"
FAR = int(time.time()) + 7 * 86400

ROWS: dict[str, list[dict[str, Any]]] = {
    "--account=gpuacct": [{"account": "gpuacct"}],
    "--acctg-freq=task=30": [{"account_gather_frequency": "task=30"}],
    "--array=1-5:2%1": [{"array": "1-5:2%1"}],
    "--array=7": [{"array": "7"}],
    "--batch=fast --constraint=fast": [{"batch_features": "fast", "constraints": "fast"}],
    f"--begin={BEGIN}": [{"begin_time": BEGIN}, {"begin_time": seconds(BEGIN)}, {"begin_time": str(seconds(BEGIN))}],
    "--bb=capacity=1": [{"burst_buffer": "capacity=1"}],
    "--cluster-constraint=fast": [{"cluster_constraint": "fast"}],
    "--comment=something": [{"comment": "something"}],
    "--constraint=fast": [{"constraints": "fast"}],
    "--contiguous": [{"contiguous": True}, {"contiguous": "yes"}],
    "--core-spec=2": [{"core_specification": 2}],
    "--thread-spec=2": [{"thread_specification": 2}],
    "--cpu-freq=low-high:OnDemand": [{"cpu_frequency": "low-high:OnDemand"}],
    "--cpu-freq=2400000": [{"cpu_frequency": "2400000"}, {"cpu_frequency": 2400000}],
    "--cpus-per-gpu=2 --gpus=1": [{"cpus_per_tres": "gres:gpu:2", "tres_per_job": "gres:gpu:1"}],
    "--cpus-per-task=2": [
        {"cpus_per_task": 2, "minimum_cpus": 2, "minimum_cpus_per_node": 2, "flags": CPUS},
        {"cpus_per_task": "2", "minimum_cpus": "2", "minimum_cpus_per_node": "2", "flags": CPUS},
    ],
    "--delay-boot=5": [{"delay_boot": 5 * 60}],
    "--dependency=singleton": [{"dependency": "singleton"}],
    "--distribution=plane=4": [{"distribution": "plane=4"}, {"distribution": "plane", "distribution_plane_size": 4}],
    "--exclude=node02,node03": [{"excluded_nodes": ["node02", "node03"]}, {"excluded_nodes": "node02,node03"}],
    "--exclusive": [{"exclusive": True}, {"exclusive": "true"}, {"exclusive": ["true"]}, {"shared": ["none"]}],
    "--exclusive=user": [{"exclusive": ["user"]}, {"shared": "user"}],
    "--oversubscribe": [{"oversubscribe": True}, {"exclusive": False}, {"shared": ["oversubscribe"]}],
    "--gres=gpu:tesla:1": [{"tres_per_node": "gres:gpu:tesla:1"}, {"tres_per_node": "gres:gpu:tesla:1"}],
    "--gres=gpu:2,test:1": [{"tres_per_node": "gres:gpu:2,gres:test:1"}],
    "--gpus=2": [{"tres_per_job": "gres:gpu:2"}],
    "--gpus-per-task=1 --ntasks=2": [{"tres_per_task": "gres:gpu:1", "tasks": 2, "minimum_cpus": 2, "flags": TASKS}],
    "--gpus-per-socket=1 --sockets-per-node=1": [{"tres_per_socket": "gres:gpu:1", "sockets_per_node": 1}],
    "--gpu-bind=closest --gpus=1": [{"tres_bind": "gpu:closest", "tres_per_job": "gres:gpu:1"}],
    "--gpu-freq=low --gpus=1": [{"tres_freq": "gpu:low", "tres_per_job": "gres:gpu:1"}],
    "--mem-per-gpu=1G --gpus=1": [{"memory_per_tres": "gres:gpu:1024", "tres_per_job": "gres:gpu:1"}],
    "--gres-flags=enforce-binding": [{"flags": ["GRES_BINDING_ENFORCED"]}],
    "--input=/dev/zero": [{"standard_input": "/dev/zero"}],
    "--output=/var/%j-%A-%u-%x.out": [{"standard_output": "/var/%j-%A-%u-%x.out"}],
    "--error=/var/%j.err": [{"standard_error": "/var/%j.err"}],
    "--chdir=/var": [{"current_working_directory": "/var"}],
    "--kill-on-invalid-dep=yes": [{"flags": ["KILL_INVALID_DEPENDENCY"]}],
    "--kill-on-invalid-dep=no": [{"flags": ["NO_KILL_INVALID_DEPENDENCY"]}],
    "--spread-job": [{"flags": ["SPREAD_JOB"]}, {"flags": "spread_job"}],
    "--use-min-nodes --gres-flags=enforce-binding": [
        {"flags": ["GRES_BINDING_ENFORCED", "PREFER_MINIMUM_NODE_COUNT"]},
        {"flags": ["PREFER_MINIMUM_NODE_COUNT", "GRES_BINDING_ENFORCED"]},
    ],
    "--licenses=matlab:2,fluent": [{"licenses": "matlab:2,fluent"}],
    "--mail-type=BEGIN,END,FAIL,REQUEUE,TIME_LIMIT_80 --mail-user=games": [
        {"mail_type": ["BEGIN", "END", "FAIL", "REQUEUE", "TIME=80%"], "mail_user": "games"},
        {"mail_type": ["TIME=80%", "end", "fail", "Begin", "REQUEUE"], "mail_user": "games"},
    ],
    "--mail-type=ALL,ARRAY_TASKS": [
        {"mail_type": ["BEGIN", "END", "FAIL", "REQUEUE", "STAGE_OUT", "INVALID_DEPENDENCY", "ARRAY_TASKS"]}
    ],
    "--mcs-label=x": [{"mcs_label": "x"}],
    "--mem=1G": [
        {"memory_per_node": "1G"},
        {"memory_per_node": 1024},
        {"memory_per_node": "1024"},
        {"memory_per_node": "1048576K"},
        {"memory_per_node": {"set": True, "infinite": False, "number": 1024}},
        {"memory_per_node": {"number": 1024}},
        {"memory_per_node": {"set": True, "number": "1G"}},
    ],
    "--mem=0": [{"memory_per_node": 0}, {"memory_per_node": {"infinite": True}}, {"memory_per_node": -1}],
    "--mem-per-cpu=200M": [
        {"memory_per_cpu": "200M"},
        {"memory_per_cpu": 200},
        {"memory_per_cpu": {"set": True, "infinite": False, "number": 200}},
    ],
    "--mincpus=2": [{"minimum_cpus_per_node": 2}],
    "--network=verbs": [{"network": "verbs"}],
    "--nice=50": [{"nice": 50}, {"nice": "50"}],
    "--no-kill": [{"kill_on_node_fail": False}],
    "--no-requeue": [{"requeue": False}, {"requeue": "no"}],
    "--requeue": [{"requeue": True}],
    "--nodelist=node01": [
        {"required_nodes": ["node01"], "minimum_nodes": 1},
        {"required_nodes": "node01", "minimum_nodes": 1},
    ],
    "--nodes=1-2": [{"nodes": "1-2"}, {"nodes": [1, 2]}, {"nodes": [2, 1]}, {"minimum_nodes": 1, "maximum_nodes": 2}],
    "--nodes=2": [
        {"nodes": 2, "minimum_cpus": 2},
        {"nodes": "2", "minimum_cpus": 2},
        {"nodes": [2, 2], "minimum_cpus": 2},
    ],
    "--ntasks=4": [{"tasks": 4, "minimum_cpus": 4, "flags": TASKS}],
    "--ntasks-per-core=2": [{"tasks_per_core": 2}],
    "--ntasks-per-node=3": [{"tasks_per_node": 3, "tasks": 3, "minimum_cpus": 3, "flags": TASKS}],
    "--ntasks-per-socket=3": [{"tasks_per_socket": 3}],
    "--ntasks-per-gpu=2 --gpus=1": [{"ntasks_per_tres": 2, "tasks": 2, "tres_per_job": "gres:gpu:1"}],
    "--open-mode=append": [{"open_mode": ["APPEND"]}, {"open_mode": "APPEND"}],
    "--open-mode=truncate": [{"open_mode": ["TRUNCATE"]}],
    "--overcommit --ntasks=2": [{"overcommit": True, "tasks": 2, "flags": TASKS}],
    "--partition=gpu": [{"partition": "gpu"}],
    "--partition=debug,gpu": [{"partition": "debug,gpu"}],
    "--prefer=fast": [{"prefer": "fast"}],
    "--profile=task,energy": [{"profile": ["TASK", "ENERGY"]}, {"profile": ["ENERGY", "TASK"]}],
    "--qos=high": [{"qos": "high"}],
    "--reservation=course": [{"reservation": "course"}],
    "--signal=USR1@120": [
        {"kill_warning_signal": "USR1", "kill_warning_delay": 120},
        {"kill_warning_signal": "SIGUSR1", "kill_warning_delay": {"set": True, "number": 120}},
        {"kill_warning_signal": 10, "kill_warning_delay": 120},
    ],
    "--signal=B:TERM@60": [
        {"kill_warning_signal": "term", "kill_warning_flags": ["BATCH_JOB"], "kill_warning_delay": 60}
    ],
    "--sockets-per-node=1 --threads-per-core=2": [{"sockets_per_node": 1, "threads_per_core": 2}],
    "--switches=1@10:00": [{"required_switches": 1, "wait_for_switch": 600}],
    "--time=1-02:30:00": [
        {"time_limit": "1-02:30:00"},
        {"time_limit": 1590},
        {"time_limit": "1590"},
        {"time_limit": {"set": True, "infinite": False, "number": 1590}},
    ],
    "--time=UNLIMITED": [{"time_limit": "UNLIMITED"}, {"time_limit": {"infinite": True}}, {"time_limit": "infinite"}],
    "--time=90:30": [{"time_limit": "90:30"}],
    "--time=60 --time-min=00:10:00": [{"time_limit": 60, "time_minimum": "00:10:00"}],
    "--tmp=1G": [{"temporary_disk_per_node": 1024}],
    "--wait-all-nodes=1": [{"wait_all_nodes": True}, {"wait_all_nodes": 1}],
    "--wckey=wk1": [{"wckey": "wk1"}],
}
"""Options of sbatch -> fields that are to do the same, in every form that there is."""

LATER: dict[str, list[dict[str, Any]]] = {
    "--cpus-per-gpu=2 --gpus=1": [{"cpus_per_tres": "gres:gpu:2", "tres_per_job": "gres:gpu:1", "minimum_cpus": 2}],
    "--cpus-per-task=2": [
        {"cpus_per_task": 2, "tres_per_task": "cpu=2", "minimum_cpus": 2, "minimum_cpus_per_node": 2, "flags": CPUS}
    ],
    "--gpus-per-task=1 --ntasks=2": [
        {
            "tres_per_task": "gres/gpu=1",
            "tres_bind": "gres:gpu:per_task:1",
            "tasks": 2,
            "minimum_cpus": 2,
            "flags": TASKS,
        }
    ],
    "--ntasks-per-node=3": [{"tasks_per_node": 3, "minimum_cpus": 3}],
}
"""The same for sbatch of 24.11 and later, which says some of it to slurmctld in other words."""

NAMES = (f"submission-{number}" for number in itertools.count())

OWN = {"JobId", "SLUID", "ArrayJobId", "JobName", "SubmitTime", "EligibleTime", "AccrueTime", "LastSchedEval"}
OWN |= {"SubmitLine"}
OWN_SENT = {"name", "environment"}
OWN_KEYS = {"job_id", "array_job_id", "name", "submit_time", "eligible_time", "accrue_time", "last_sched_evaluation"}
"""What is different in any two jobs: for scontrol, for slurmctld, in the daemon's document."""

Facts = dict[str, Any]


class Submitted(NamedTuple):
    """A job as scontrol shows it, as slurmctld says that it was described, and as the daemon shows it."""

    shown: Facts
    described: Facts
    document: Facts

    def changes(self, plain: Submitted) -> list[Facts]:
        """What is different from a job that is nothing special."""
        return [
            {key: value for key, value in ours.items() if key not in own and theirs.get(key) != value}
            for ours, theirs, own in zip(self, plain, (OWN, OWN_SENT, OWN_KEYS), strict=True)
        ]


class Submitter:
    """Submits held jobs in both ways, as a user, while slurmctld says what it is sent."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.jobs = cluster, Jobs(cluster)
        self.root = cluster.unix.as_user("root", cluster.token("root"))
        self.ways = itertools.cycle(
            [cluster.unix.as_user(USER, cluster.token(USER)), cluster.network.as_user(USER, cluster.token(USER))]
        )
        self.log = cluster.state / "log" / "slurmctld.log"
        self.plain = self.sbatch(""), self.daemon({})

    def sbatch(self, options: str) -> Submitted:
        """Submit by sbatch."""
        start, name = self.log.stat().st_size, next(NAMES)
        job = self.jobs.sbatch("--hold", f"--job-name={name}", *shlex.split(options), user=USER)
        return self._submitted(job, name, start)

    def daemon(self, fields: Facts) -> Submitted:
        """Submit by the daemon."""
        start, name = self.log.stat().st_size, next(NAMES)
        # sbatch asks for one CPU where it is told nothing.
        job_fields: Facts = {"name": name, "hold": True, "minimum_cpus": 1} | fields
        job = self.jobs.submit(next(self.ways), **job_fields)
        return self._submitted(job, name, start)

    def _submitted(self, job: int, name: str, start: int) -> Submitted:
        (shown,), (document,) = self.jobs.shown(job), self.jobs.got(self.root, job)
        facts = (shown, described(self.log, start, name), document)
        return Submitted(*({key: anonymous(value, job, name) for key, value in part.items()} for part in facts))


def anonymous(value: Any, job: int, name: str) -> Any:
    """A value that does not tell which job it is."""
    return re.sub(rf"\b{job}\b", "ID", value.replace(name, "NAME")) if isinstance(value, str) else value


def described(log: Path, start: int, name: str) -> Facts:
    """What slurmctld said, from *start* of its log on, of the job with that name."""
    lines = log.read_bytes()[start:].decode().splitlines()
    first = next(index for index, line in enumerate(lines) if line.endswith(f" name={name}"))
    said = itertools.takewhile(lambda line: "JobDesc:" not in line, lines[first + 1 :])
    text = " ".join(line[match.end() :] for line in said if (match := SAID.match(line)))
    return dict(word.split("=", 1) for word in text.replace("plane_size:", "plane_size=").split() if "=" in word)


@pytest.fixture(scope="module")
def submitter(cluster: Cluster) -> Iterator[Submitter]:
    """Submits, while slurmctld says what it is sent."""
    cluster.run("scontrol", "setdebug", "debug3")
    both = Submitter(cluster)
    yield both
    cluster.run("scontrol", "setdebug", "info")
    both.jobs.cancel()


@pytest.mark.parametrize("options", ROWS)
def test_a_field_is_what_the_option_is(submitter: Submitter, options: str) -> None:
    by_sbatch, by_daemon = submitter.plain
    expected = submitter.sbatch(options).changes(by_sbatch)
    assert any(expected)
    rows = {**ROWS, **LATER} if submitter.cluster.release >= (24, 11) else ROWS
    for fields in rows[options]:
        assert submitter.daemon(fields).changes(by_daemon) == expected, fields
