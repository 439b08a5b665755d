"""What slurmrestd 23.02.3 answered, and what this daemon answers.

cases/slurm.json   one recorded request a line, and its answer without its values: see record.py
shapes.json        the shapes of the documents' records: see shapes.py
flags.json         the names of each list of flags, in the order of the documents
manual.json        the keys of the documents that the manual page of slurmrestd prints
differences.py     every difference that is meant, with its reason
replay.py          sends a recorded request and reads what comes back
stage.py           the jobs and nodes of the development cluster that the requests are about

Names of users, nodes and reservations were changed to those of the development cluster; no text was kept.
"""
