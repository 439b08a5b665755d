"""The daemon: command line, sockets, HTTP, processes. It runs a stand-in app; no Slurm is needed."""
