"""What a name may stand for: one file for each kind of value, which says all that it does; `base` has the protocol."""
