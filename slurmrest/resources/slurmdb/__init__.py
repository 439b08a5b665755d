"""The URLs of /slurmdb/v0.0.39."""
