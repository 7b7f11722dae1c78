"""Every pass, and all in order, leave the results of random programs as they were, and the arguments too."""

import numpy as np
import pytest

from ad_compiler.check import verify
from ad_compiler.ir import Op, walk
from ad_compiler.optimise.carried import drop_invariant_carried
from ad_compiler.optimise.cse import share_common
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.inplace import update_in_place
from ad_compiler.optimise.reads import read_first
from ad_compiler.optimise.schedule import schedule
from ad_compiler.optimise.simplify import simplify
from tests.optimise.interp import run
from tests.optimise.programs import Program, arguments

TIDY = (simplify, drop_dead, drop_invariant_carried, share_common, simplify, drop_dead)
CHAINS = {
    "simplify": (simplify,),
    "drop_dead": (drop_dead,),
    "carried": (drop_invariant_carried,),
    "cse": (share_common,),
    "schedule": (schedule,),
    "reads": (read_first,),
    "inplace": (update_in_place,),
    "all": (*TIDY, schedule, update_in_place),
}


def leaves(result):
    return [np.array(v) for v in result]


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("block", range(5))
def test_same_results(chain, block):
    for seed in range(block * 40, block * 40 + 40):
        check(seed, CHAINS[chain])


def check(seed, passes):
    func = Program(seed).func
    verify(func)
    with np.errstate(all="ignore"):
        wanted = [leaves(run(func, *arguments(at))) for at in range(3)]
        if not all(np.all(np.abs(v) < 1e50) for result in wanted for v in result):
            return      # rounding decides what is infinite
        for step in passes:
            func = step(func)
            verify(func)
        for at in range(3):
            args, before = arguments(at), arguments(at)
            got = leaves(run(func, *args))
            for arg, old in zip(args, before, strict=True):
                assert np.array_equal(arg, old), f"seed {seed}: an argument was written into"
            for new, old in zip(got, wanted[at], strict=True):
                np.testing.assert_allclose(new, old, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}")


def test_programs_store_in_place():
    made = [update_in_place(Program(seed).func) for seed in range(40)]
    in_place = [op for func in made for op in walk(func.body) if isinstance(op, Op) and op.inplace]
    assert len(in_place) > 100
