-- $jobs accounted jobs, one a second up to now, as slurmdbd of Slurm 22.05 and later keeps them.
SET @now = UNIX_TIMESTAMP();

CREATE TEMPORARY TABLE places AS
    SELECT id_assoc, acct, user, ROW_NUMBER() OVER (ORDER BY id_assoc) - 1 AS place, COUNT(*) OVER () AS many
    FROM dev_assoc_table WHERE user <> '' AND deleted = 0;

INSERT INTO dev_job_table (
    job_db_inx, mod_time, account, cpus_req, exit_code, derived_ec, flags, job_name, id_assoc, id_job, id_qos, id_resv,
    id_wckey, id_user, id_group, het_job_id, het_job_offset, kill_requid, state_reason_prev, mem_req, nodelist,
    nodes_alloc, node_inx, `partition`, priority, state, timelimit, time_submit, time_eligible, time_start, time_end,
    wckey, work_dir, submit_line, tres_alloc, tres_req
)
SELECT
    seq, @now, acct, 4, IF(seq % 10 = 0, 256, 0), 0, 4, CONCAT('simulation-', seq % 100), id_assoc, seq, 1, 0,
    0, 1, 1, 0, 4294967294, NULL, 0, 16000, 'node01',
    1, '0', 'debug', 1000 + seq % 500, IF(seq % 10 = 0, 5, 3), 60, @now - $jobs - 120 + seq, @now - $jobs - 120 + seq,
    @now - $jobs - 100 + seq, @now - $jobs - 90 + seq + seq % 60,
    '*', CONCAT('/home/', user, '/run-', seq), CONCAT('sbatch --ntasks=4 --mem=16000 job-', seq, '.sh'),
    '1=4,2=16000,4=1,5=4', '1=4,2=16000,4=1,5=4'
FROM seq_1_to_$jobs JOIN places ON place = seq % many;

INSERT INTO dev_step_table (
    job_db_inx, exit_code, id_step, nodelist, nodes_alloc, node_inx, state, step_name, task_cnt, task_dist, time_start,
    time_end, user_sec, user_usec, sys_sec, sys_usec, act_cpufreq, req_cpufreq_min, req_cpufreq, req_cpufreq_gov,
    submit_line, tres_alloc, tres_usage_in_ave, tres_usage_in_max, tres_usage_in_max_taskid, tres_usage_in_max_nodeid,
    tres_usage_in_min, tres_usage_in_min_taskid, tres_usage_in_min_nodeid, tres_usage_in_tot, tres_usage_out_ave,
    tres_usage_out_max, tres_usage_out_max_taskid, tres_usage_out_max_nodeid, tres_usage_out_min,
    tres_usage_out_min_taskid, tres_usage_out_min_nodeid, tres_usage_out_tot
)
SELECT
    job_db_inx, exit_code, step, 'node01', 1, '0', state, step_name, IF(step < 0, 1, 4), 1, time_start,
    time_end, job_db_inx % 1000, 500, 2, 700, 2400000, 4294967294, 4294967294, 4294967294,
    IF(step < 0, NULL, 'srun ./simulation'), '1=4,2=16000,4=1', used, used, tasks, nodes,
    used, tasks, nodes, used, written,
    written, '3=0,6=1', '3=0,6=0', written,
    '3=0,6=2', '3=0,6=0', written
FROM (
    SELECT *, CONCAT('1=', job_db_inx % 600, ',2=', 4096 * (job_db_inx % 5000), ',3=0,6=', job_db_inx, ',7=900,8=0') AS used,
        '1=1,2=0,3=0,6=1,7=2,8=0' AS tasks, '1=0,2=0,3=0,6=0,7=0,8=0' AS nodes, CONCAT('3=0,6=', job_db_inx) AS written
    FROM dev_job_table JOIN (SELECT -5 AS step, 'batch' AS step_name UNION SELECT 0, 'simulation') AS steps
) AS running;
