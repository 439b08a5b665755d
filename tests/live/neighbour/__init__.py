"""The installed release's own C daemon beside ours, on one cluster: what the one answers is compared with the other.

daemon       Debian's slurmrestd, and the API version of its that is nearest to v0.0.39
made, stage  something of everything in the cluster, and the URLs that are asked for it
compare      two documents, field by field
entry        what the lists below are made of
rewrites     keys and records that have another place or structure in the neighbour's version
rules        ways in which versions write the same value
differences  every other difference that is meant
judge        what is found, against the lists
"""
