#!/bin/bash
# An array of jobs, and a job that waits until all of them have succeeded: array.sh
. "$(dirname "$0")/common.sh"

submit() {
    api POST /slurm/v0.0.39/job/submit "$1" | jq .job_id
}

array=$(submit "$(jq -n '{script: "#!/bin/sh\necho task $SLURM_ARRAY_TASK_ID\n", job:
    {name: "tasks", array: "1-3", tasks: 1, current_working_directory: "/tmp", standard_output: "/dev/null",
     environment: ["PATH=/usr/bin:/bin"]}}')")
summary=$(submit "$(jq -n --arg array "$array" '{script: "#!/bin/sh\necho all done\n", job:
    {name: "summary", dependency: "afterok:\($array)", current_working_directory: "/tmp", standard_output: "/dev/null",
     environment: ["PATH=/usr/bin:/bin"]}}')")

echo "$array $summary"
api GET "/slurm/v0.0.39/job/$summary" | jq -r '.jobs[] | "\(.name) \(.job_state) waits for \(.dependency)"'
