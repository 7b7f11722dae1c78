"""A command of the tests, with texts for Numba run by Python.

    python -m tests.numba.strict tests.numba.random_parallel 0 100
    python -m tests.numba.strict tests.dialects --parallel
"""

import runpy
import sys

from tests.numba.strict.interpreter import interpreted

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    with interpreted():
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
