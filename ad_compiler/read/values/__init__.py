"""What a name may stand for, one file for each kind of value, which says what it does: its items, its truth, its call.

`base` has the protocol, `Thing`: a kind that does not answer a question takes the method there, which refuses.  `atoms`
lets a `Value` and a `Const` of the intermediate form answer too.  `containers` is what tuples, lists, dicts share.
"""
