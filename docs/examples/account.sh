#!/bin/bash
# An account with limits, and a user in it: account.sh ACCOUNT USER
#
# Run it again with other limits: what is there is changed, and what is not named stays as it is.
. "$(dirname "$0")/common.sh"
account=$1 user=$2
cluster=$(scontrol show config | awk '$1 == "ClusterName" {print $3}')

api POST /slurmdb/v0.0.39/accounts "$(jq -n --arg name "$account" '{accounts: [
    {name: $name, description: "made by an example", organization: "physics"}]}')" > /dev/null

api POST /slurmdb/v0.0.39/associations "$(jq -n --arg account "$account" --arg cluster "$cluster" '{associations: [
    {account: $account, cluster: $cluster, user: "", parent_account: "root", shares_raw: 10,
     max: {tres: {total: [{type: "cpu", count: 64}, {type: "node", count: 4}]}}}]}')" > /dev/null

api POST /slurmdb/v0.0.39/users "$(jq -n --arg user "$user" --arg account "$account" '{users: [
    {name: $user, default: {account: $account}}]}')" > /dev/null

api POST /slurmdb/v0.0.39/associations "$(jq -n --arg account "$account" --arg cluster "$cluster" --arg user "$user" \
    '{associations: [{account: $account, cluster: $cluster, user: $user,
                      max: {jobs: {active: 10, per: {wall_clock: 1440}}}}]}')" > /dev/null

api GET "/slurmdb/v0.0.39/associations?account=$account" | jq -r '.associations[]
    | [.account, .user, (.max.tres.total | map("\(.type)=\(.count)") | join(",")), .max.jobs.per.wall_clock.number]
    | @tsv'
