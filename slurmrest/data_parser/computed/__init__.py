"""The functions of the tables' Computed and Let rows, a file per subject.

A dump function is called with Names and the values of the members its row uses: None where the loaded
release lacks one, 0 for a NULL pointer. A parse function is called with the document and its Target.
"""
