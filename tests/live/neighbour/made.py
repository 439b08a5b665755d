"""What is made in the cluster to be looked at: each thing with as much of what it can have as all releases take."""

from __future__ import annotations

from tests.live.jobs import SCRIPT

NAME = "neighbour"
"""What everything is called; the names of jobs begin so."""
REASON = "being looked at"

TRUE = "#!/bin/sh\ntrue"
FALSE = """#!/bin/sh
srun --job-name=first true
srun --job-name=second false
# slurmctld must know of the second when the job ends, or it has no part in the job's derived exit code.
while squeue --noheader --steps="$SLURM_JOB_ID.1" | grep -q .; do sleep 0.1; done
exit 3
"""
KILLED = "#!/bin/sh\nkill -TERM $$"

MUCH = (
    "--account=gpuacct", "--qos=high", "--wckey=wk1", "--partition=gpu", "--constraint=fast", "--gres=gpu:tesla:1",
    "--batch=fast", "--licenses=matlab:1", "--cpus-per-task=2", "--mem-per-cpu=50", "--time=30", "--comment=a comment",
    "--mail-type=END,FAIL", "--mail-user=games@localhost", "--exclude=node04", "--requeue", "--open-mode=append",
)  # fmt: skip
"""Options of a job that runs."""

MORE = (
    "--begin=now+1day", "--deadline=now+5days", "--nodes=1", "--ntasks=2", "--ntasks-per-node=2", "--mem=200",
    "--exclusive", "--time=60", "--time-min=10", "--switches=1@10", "--cpu-freq=Low-High:OnDemand", "--delay-boot=5",
    "--nice=7", "--prefer=fast", "--sockets-per-node=1", "--cores-per-socket=2", "--threads-per-core=1", "--mincpus=2",
    "--reservation=course", "--account=sub1", "--kill-on-invalid-dep=yes", "--input=/dev/zero", "--error=/tmp/%j.err",
    "--signal=B:USR1@30", "--spread-job",
)  # fmt: skip
"""Options of a job that waits."""

GPUS = (
    "--hold", "--partition=debug,gpu", "--gpus-per-node=1", "--cpus-per-gpu=1", "--mem-per-gpu=10", "--gpu-bind=none",
    "--nodelist=node01", "--dependency=singleton", "--profile=task", "--gres-flags=enforce-binding", "--overcommit",
    "--use-min-nodes", "--distribution=cyclic", "--oversubscribe", "--ntasks-per-socket=3", "--ntasks-per-core=1",
    "--exclude=node[02-03]", "--acctg-freq=30", "--mail-type=ARRAY_TASKS,TIME_LIMIT", "--time=2-00:00:00",
    "--network=nothing", "--mcs-label=nothing",
)  # fmt: skip
"""Options of another, which is held."""

ROOTS = (
    "--hold", "--nice=-9", "--reboot", "--priority=77", "--licenses=fluent:2", "--gpus=1", "--gpu-freq=low",
    "--contiguous",
)  # fmt: skip
"""Options of a job of root's."""

JOBS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "running": ("games", MUCH, SCRIPT, "RUNNING"),
    "waiting": ("daemon", MORE, SCRIPT, "PENDING"),
    "gpus": ("bin", GPUS, SCRIPT, "PENDING"),
    "completed": ("man", (), TRUE, "COMPLETED"),
    "failed": ("daemon", ("--time=5", "--constraint=fast"), FALSE, "FAILED"),
    "signalled": ("lp", ("--no-requeue",), KILLED, "FAILED"),
    "cancelled": ("daemon", (), SCRIPT, "CANCELLED"),
    "suspended": ("daemon", (), SCRIPT, "SUSPENDED"),
    "array": ("daemon", ("--array=1-3%2", "--mem=10"), SCRIPT, "RUNNING"),
    "ended array": ("daemon", ("--array=0-4:2",), TRUE, "COMPLETED"),
    "held": ("sys", ("--hold", "--output=%x-%j.out", "--exclusive=user"), SCRIPT, "PENDING"),
    "root's": ("root", ROOTS, SCRIPT, "PENDING"),
    "requeued": ("daemon", ("--requeue",), SCRIPT, "PENDING"),
    "het": ("daemon", ("--hold", "--ntasks=1", ":", "--ntasks=2"), SCRIPT, "PENDING"),
}
"""Name -> user, options, script, and the state in which it is looked at."""

PARTITION = (
    "nodes=node[03-04]", "allowqos=high,normal", "denyaccounts=gpuacct", "alternate=debug", "gracetime=20",
    "maxcpuspernode=8", "maxmempernode=1000", "defmempercpu=50", "maxnodes=2", "minnodes=1", "overtimelimit=10",
    "oversubscribe=force:4", "prioritytier=7", "priorityjobfactor=3", "qos=high", "reqresv=yes", "state=drain",
    "defaulttime=5", "maxtime=unlimited", "lln=yes", "exclusiveuser=yes", "hidden=yes", "disablerootjobs=yes",
    "tresbillingweights=CPU=2.0,Mem=1G", "jobdefaults=DefCpuPerGPU=2,DefMemPerGPU=7", "allocnodes=localhost",
    "allowgroups=daemon,bin",
)  # fmt: skip

RESERVATION = (
    "starttime=now+2days", "duration=60", "nodes=node01", "corecnt=2", "users=games,daemon", "maxstartdelay=30",
    "flags=daily,purge_comp=5,ignore_jobs", "licenses=fluent:2",
)  # fmt: skip

LIMITS = (
    "GrpJobs=11", "GrpJobsAccrue=12", "GrpSubmitJobs=13", "GrpWall=14", "GrpTRES=cpu=15,mem=16",
    "GrpTRESMins=cpu=17", "GrpTRESRunMins=cpu=18", "MaxTRES=cpu=19,gres/gpu=1", "MaxTRESPerNode=cpu=20",
    "MaxTRESMins=cpu=21", "MaxWall=22",
)  # fmt: skip
"""Limits of associations and QOS alike."""

ACCOUNTING = (
    ("add", "qos", NAME),
    (
        "modify", "qos", NAME, "set", *LIMITS, "MaxJobsPerAccount=23", "MaxJobsAccruePerAccount=24",
        "MaxJobsAccruePerUser=25", "MaxSubmitJobsPerAccount=26", "MaxSubmitJobsPerUser=27", "MaxTRESPerAccount=cpu=28",
        "MaxTRESPerUser=cpu=29", "MinPrioThresh=30", "MinTRES=cpu=1,mem=31", "PreemptExemptTime=00:00:32",
        "LimitFactor=1.5", "UsageFactor=0.25", "UsageThreshold=0.75", "Preempt=low,normal", "PreemptMode=cancel",
        "Flags=OverPartQOS,PartitionTimeLimit,RequiresReservation,UsageFactorSafe,NoDecay,EnforceUsageThreshold",
    ),
    ("add", "account", NAME, "Description=all", "Organization=limits"),
    (
        "modify", "account", NAME, "set", *LIMITS, "Fairshare=33", "MaxJobs=34", "MaxJobsAccrue=35",
        "MaxSubmitJobs=36", "MinPrioThresh=37", "Priority=38", f"QOS={NAME},low", f"DefaultQOS={NAME}",
    ),
)  # fmt: skip
"""Arguments of sacctmgr."""
