"""job/submit: the manual page's example, arrays, heterogeneous jobs, environments, what a job that runs finds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.live.jobs import COMMON, SCRIPT, Jobs
from tests.plugins.client import Client, eventually
from tests.plugins.cluster import CHECKOUT, Cluster

EXAMPLE = CHECKOUT / "conf" / "dev" / "example_job.json"

FROM_OBJECT = "Expected OpenAPI type=array (Slurm type=list) but got OpenAPI type=object (Slurm type=dictionary)"
FROM_NUMBER = (
    "Expected OpenAPI type=object (Slurm type=dictionary) but got OpenAPI type=integer (Slurm type=int 64bits)"
)

Document = dict[str, Any]


def warned(document: Document) -> dict[str, str]:
    """The warnings: source -> description."""
    return {warning["source"]: warning["description"] for warning in document["warnings"]}


def ran(jobs: Jobs, job: int) -> None:
    """Wait until the job ran to its end."""
    jobs.until(job, "COMPLETED")


def test_the_example_of_the_manual_page(cluster: Cluster, jobs: Jobs) -> None:
    curl = ("curl", "-s", "-H", "Content-Type: application/json", "-d", f"@{EXAMPLE}")
    url = "http://localhost:8080/slurm/v0.0.39/job/submit"
    answer = json.loads(cluster.run(*curl, "--unix-socket", str(cluster.socket), url).stdout)
    job = answer["job_id"]
    jobs.known.append(str(job))
    assert list(answer) == ["meta", "errors", "warnings", "result", "job_id", "step_id", "job_submit_user_msg"]
    assert answer["errors"] == []
    assert [(one["source"], one["description"]) for one in answer["warnings"]] == [
        ("#/job/environment/", FROM_OBJECT),
        ("#/job/time_limit/", FROM_NUMBER),
        ("#/job/memory_per_cpu/", FROM_NUMBER),
    ]
    assert [list(one) for one in answer["warnings"]] == [["description", "source"]] * 3
    result = {"job_id": job, "step_id": "batch", "error_code": 0, "error": "No error", "job_submit_user_msg": ""}
    assert answer["result"] == result
    assert list(answer["result"]) == list(result)
    assert {key: answer[key] for key in ("step_id", "job_submit_user_msg")} == {
        "step_id": "batch",
        "job_submit_user_msg": "",
    }
    (shown,) = jobs.shown(job)
    expected = {
        "JobName": "ExampleJob",
        "Account": "sub1",
        "NumTasks": "12",
        "MinMemoryCPU": "100M",
        "TimeLimit": "04:00:00",
        # From 23.11 on slurmctld does not leave it to slurmd.
        "WorkDir": "(null)" if cluster.release < (23, 11) else "/tmp",  # noqa: S108 - where slurmd goes by itself
    }
    assert {key: shown[key] for key in expected} == expected
    assert shown["Priority"] != "0"


@pytest.mark.parametrize(
    "document",
    [
        {"script": SCRIPT, "job": COMMON},
        {"job": COMMON | {"script": SCRIPT}},
        {"jobs": [COMMON | {"script": SCRIPT}]},
        {"script": SCRIPT, "jobs": [COMMON]},
    ],
)
def test_a_single_job(client: Client, jobs: Jobs, document: Document) -> None:
    answer = jobs.post(client, document)
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])
    assert answer.document["step_id"] == answer.document["result"]["step_id"] == "batch"
    jobs.until(answer.document["job_id"], "RUNNING")


def test_the_script_at_the_top_comes_first(client: Client, jobs: Jobs, cluster: Cluster) -> None:
    job = jobs.post(
        client, {"script": "#!/bin/sh\n# top", "job": COMMON | {"script": "#!/bin/sh\n# job", "hold": True}}
    ).document["job_id"]
    assert cluster.run("scontrol", "write", "batch_script", str(job), "-").stdout.startswith("#!/bin/sh\n# top")


def test_an_array(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, array="0-6:2%2", hold=True)
    (shown,) = jobs.shown(job)
    assert (shown["ArrayTaskId"], shown["ArrayTaskThrottle"]) == ("0,2,4,6%2", "2")


def test_a_heterogeneous_job(client: Client, jobs: Jobs) -> None:
    components = [COMMON | {"name": "one", "memory_per_cpu": "10M"}, COMMON | {"name": "two", "memory_per_cpu": "20M"}]
    answer = jobs.post(client, {"script": SCRIPT, "jobs": components})
    assert (answer.status, answer.document["errors"], answer.document["warnings"]) == (200, [], [])
    job = answer.document["job_id"]
    shown = sorted(jobs.shown(job), key=lambda part: part["HetJobOffset"])
    assert [(part["JobName"], part["MinMemoryCPU"], part["HetJobId"]) for part in shown] == [
        ("one", "10M", str(job)),
        ("two", "20M", str(job)),
    ]
    assert {part["HetJobIdSet"] for part in shown} == {f"{job}-{job + 1}"}


@pytest.mark.parametrize(
    ("environment", "warnings"),
    [
        (["PATH=/bin", "ONE=1", "EMPTY=", "SPACED= a b ", "EQUALS=a=b", "UMLAUT=ü"], {}),
        (
            {"PATH": "/bin", "ONE": 1, "EMPTY": None, "SPACED": " a b ", "EQUALS": "a=b", "UMLAUT": "ü"},
            {"#/job/environment/": FROM_OBJECT},
        ),
    ],
)
def test_an_environment(root: Client, jobs: Jobs, directory: Path, environment: Any, warnings: dict[str, str]) -> None:
    out = directory / "out"
    fields = COMMON | {"environment": environment, "standard_output": str(out)}
    answer = jobs.post(root, {"script": "#!/bin/sh\nexec env", "job": fields})
    assert (answer.status, warned(answer.document)) == (200, warnings)
    ran(jobs, answer.document["job_id"])
    assert {"ONE=1", "EMPTY=", "SPACED= a b ", "EQUALS=a=b", "UMLAUT=ü"} <= set(out.read_text().splitlines())


def test_arguments_and_files(root: Client, jobs: Jobs, directory: Path) -> None:
    (directory / "in").write_text("from the input\n")
    fields = {
        "argv": ["script", "a b", "c"],
        "current_working_directory": str(directory),
        "standard_input": "in",
        "standard_output": "%j-%A-%u.out",
        "standard_error": "%j-%a.err",
    }
    job = jobs.submit(root, script='#!/bin/sh\ncat; pwd; printf "%s|" "$@"; echo oops >&2', **fields)
    ran(jobs, job)
    (document,) = jobs.got(root, job)
    out, error = document["standard_output"], document["standard_error"]
    assert (out, document["standard_input"]) == (f"{directory}/{job}-{job}-root.out", f"{directory}/in")
    assert Path(out).read_text() == f"from the input\n{directory}\na b|c|"
    assert Path(error).read_text() == "oops\n"


def test_files_of_array_tasks(root: Client, jobs: Jobs, directory: Path) -> None:
    job = jobs.submit(
        root, script="#!/bin/sh\necho $SLURM_ARRAY_TASK_ID", array="4,9", standard_output=f"{directory}/%A_%a"
    )
    eventually(lambda: {part["JobState"] for part in jobs.shown(job)} == {"COMPLETED"}, 20.0)
    documents = jobs.got(root, job)
    assert sorted(document["standard_output"] for document in documents) == [
        f"{directory}/{job}_4",
        f"{directory}/{job}_9",
    ]
    assert [(directory / f"{job}_{task}").read_text() for task in (4, 9)] == ["4\n", "9\n"]


@pytest.mark.parametrize("hold", [{"hold": True}, {"priority": 0}, {"hold": "yes"}])
def test_a_held_job(client: Client, jobs: Jobs, hold: Document) -> None:
    answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | hold})
    assert (answer.status, answer.document["errors"]) == (200, [])
    assert answer.document["result"]["error_code"] == 2042
    assert answer.document["result"]["error"] in warned(answer.document).values()
    (shown,) = jobs.shown(answer.document["job_id"])
    assert (shown["JobState"], shown["Reason"], shown["Priority"]) == ("PENDING", "JobHeldUser", "0")


def test_a_job_that_is_not_held(client: Client, jobs: Jobs) -> None:
    answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | {"hold": False}})
    assert (answer.status, answer.document["warnings"], answer.document["result"]["error_code"]) == (200, [], 0)
    jobs.until(answer.document["job_id"], "RUNNING")


def test_a_job_that_waits_is_there_and_warned_of(client: Client, jobs: Jobs, cluster: Cluster) -> None:
    answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | {"time_limit": {"set": True, "number": 100000}}})
    # Later releases take it without a word: the job waits for its partition's limit to change.
    silent = cluster.release >= (24, 11)
    code, warnings = answer.document["result"]["error_code"], list(warned(answer.document).values())
    assert (answer.status, answer.document["errors"], code) == (200, [], 0 if silent else 2015)
    assert warnings == ([] if silent else [answer.document["result"]["error"]])
    assert jobs.state(answer.document["job_id"]) == "PENDING"


def test_dependencies(client: Client, jobs: Jobs) -> None:
    first = jobs.submit(client, hold=True)
    second = jobs.submit(client, dependency=f"afterok:{first},afternotok:{first}")
    third = jobs.submit(client, dependency=f"afterany:{first}?after:{second}+5")
    (shown,) = jobs.shown(second)
    assert (shown["Reason"], shown["Dependency"]) == (
        "Dependency",
        f"afterok:{first}(unfulfilled),afternotok:{first}(unfulfilled)",
    )
    (shown,) = jobs.shown(third)
    assert shown["Dependency"] == f"afterany:{first}(unfulfilled)?after:{second}+5(unfulfilled)"
    assert jobs.got(client, third)[0]["dependency"] == shown["Dependency"]


def test_relative_times(client: Client, jobs: Jobs) -> None:
    before = int(time.time())
    job = jobs.submit(client, begin_time="now+2hours", deadline="now+1day", time_limit="1:00:00")
    (document,) = jobs.got(client, job)
    assert 0 <= document["eligible_time"] - before - 7200 < 60
    assert 0 <= document["deadline"] - before - 86400 < 60
    assert document["time_limit"]["number"] == 60


def test_accelerators(client: Client, jobs: Jobs, cluster: Cluster) -> None:
    job = jobs.submit(client, tres_per_node="gres:gpu:tesla:2,gres:test:3")
    jobs.until(job, "RUNNING")
    (shown,), (document,) = jobs.shown(job), jobs.got(client, job)
    # From 23.11 on slurmctld has a slash there, whoever asked.
    expected = "gres:gpu:tesla:2,gres:test:3" if cluster.release < (23, 11) else "gres/gpu:tesla:2,gres/test:3"
    assert document["tres_per_node"] == shown["TresPerNode"] == expected
    assert document["gres_detail"] == [shown["GRES"]]
    assert "gres/gpu=2" in document["tres_alloc_str"]


def test_for_somebody_else(root: Client, client: Client, jobs: Jobs) -> None:
    own: Document = {"user_id": "games", "group_id": "games", "account": "sub1", "hold": True}
    (shown,) = jobs.shown(jobs.submit(root, **own))
    assert (shown["UserId"], shown["GroupId"]) == ("games(5)", "games(60)")
    answer = jobs.post(client, {"script": SCRIPT, "job": COMMON | own})
    assert (answer.status, answer.document["errors"][0]["error_number"]) == (403, 2010)


def test_unicode(client: Client, jobs: Jobs) -> None:
    job = jobs.submit(client, name="Übung ☃ 𝄞", comment='"quoted" \\ \t.', hold=True)
    (document,) = jobs.got(client, job)
    assert (document["name"], document["comment"]) == ("Übung ☃ 𝄞", '"quoted" \\ \t.')
    (shown,) = jobs.shown(job)
    assert shown["JobName"] == "Übung ☃ 𝄞"


def test_null_says_nothing(client: Client, jobs: Jobs) -> None:
    nothing = dict.fromkeys(
        (
            "name",
            "hold",
            "priority",
            "tasks",
            "time_limit",
            "memory_per_cpu",
            "mail_type",
            "nodes",
            "exclusive",
            "nice",
            "argv",
            "distribution",
            "cpu_frequency",
            "kill_warning_signal",
            "crontab",
            "user_id",
        )
    )
    answer = jobs.post(client, {"script": SCRIPT, "job": nothing | COMMON})
    assert (answer.status, answer.document["warnings"]) == (200, [])
    plain = jobs.submit(client)
    jobs.until(plain, "RUNNING")
    jobs.until(answer.document["job_id"], "RUNNING")
    (one,), (other,) = jobs.got(client, answer.document["job_id"]), jobs.got(client, plain)
    moving = {"job_id", "job_resources", "standard_output", "standard_error"}
    different = {key for key in one if one[key] != other[key]} - moving
    assert {key for key in different if not key.endswith(("_time", "_evaluation"))} == set()


def test_every_component_is_named_in_the_warnings(client: Client, jobs: Jobs) -> None:
    documents = [COMMON | {"name": "x", "hold": True, "colour": 1}, COMMON | {"hold": True, "time_limit": 5}]
    answer = jobs.post(client, {"script": SCRIPT, "jobs": documents, "what": 1})
    assert answer.status == 200
    assert {"#/what/", "#/jobs[0]/colour/", "#/jobs[1]/time_limit/"} <= set(warned(answer.document))
