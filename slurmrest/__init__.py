"""slurmrestd: the REST daemon of the Slurm workload manager.

daemon/       command line, environment, processes, sockets
app.py        the Falcon app: authentication, media types, errors
resources/    one class per URL
data_parser/  C records to documents and back
libslurm      (bindings/) ctypes over the site's libslurm
"""

__version__ = "0.1.0"
