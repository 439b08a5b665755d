"""The URLs of /slurm/v0.0.39."""
