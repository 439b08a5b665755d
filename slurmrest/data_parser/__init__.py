"""The data parser: C records to documents and back, declared in tables.

fields.py    what a row of a table is
types.py     the types a row can have: how each is dumped, parsed and described
flags.py     lists of flags
tables/      the tables, one file per subject; data, with the few functions their Computed rows need
bind.py      a table bound to an API version and a layout: which rows, which members
reference.py dump by interpreting a bound table, slowly and plainly
compile.py   dump compiled to one flat Python function per bound table
parse.py     parse: document to record, with every warning and error and its path
names.py     numbers that stand for names: users, groups, reasons, errors
schema.py    the OpenAPI schemas of the tables

Nothing here knows HTTP, and nothing here imports ctypes.
"""
