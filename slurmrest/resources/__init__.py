"""One class per URL: HTTP's methods on one side, Slurm's calls on the other. No error is handled here: see app.py."""
