"""Python's library in Python: what stands here is read in place of a call, as users' functions are."""
