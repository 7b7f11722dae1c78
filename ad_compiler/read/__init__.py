"""Reading: from a function of Python's to the intermediate form.

In the order in which one reads: `parse` gives the tree of a function, `syntax` makes it simpler; `entry` makes the
values that it is read for; `lift` has a reader for each subject (`names`, `expressions`, `statements`, `calls`,
`memory`), which emit statements.  What a name may stand for answers for itself, in `values`; Python's library is in
`library`, and where that can be said in Python in `prelude`.
"""
