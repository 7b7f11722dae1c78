"""Python's library, and NumPy's, in Python: what stands here is read in place of a call, as users' functions are."""
