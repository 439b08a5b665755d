#!/bin/bash
# A node out of service, and back again: drain.sh NODE REASON
. "$(dirname "$0")/common.sh"
node=$1 reason=$2

state() {
    api GET "/slurm/v0.0.39/node/$node" | jq -r '.nodes[] | "\(.name) \(.state | join("+")) \(.reason)"'
}

api POST "/slurm/v0.0.39/node/$node" "$(jq -n --arg why "$reason" '{state: ["DRAIN"], reason: $why}')" > /dev/null
state
api POST "/slurm/v0.0.39/node/$node" '{"state": ["RESUME"]}' > /dev/null
state
