"""The same text comes out whatever Python's hashes and addresses are: sets of names and of objects have no order."""

import os
import subprocess
import sys

SCRIPT = """
import sys
ballast = [object() for _ in range(int(sys.argv[1]) * 1000)]    # other addresses
from ad_compiler import CannotDifferentiate, value_and_grad
from tests.dialects import programs

for n, program in enumerate(programs()):
    if n % 6 == 1:
        try:
            text = value_and_grad(program.func, program.argnums).source_for(*program.args, **program.kwargs)
        except CannotDifferentiate as error:
            text = str(error)
        print(program.name, text, sep=chr(10))
"""


def texts(seed: int) -> str:
    settings = os.environ | {"PYTHONHASHSEED": str(seed), "AD_COMPILER_STORE": "0"}
    return subprocess.run([sys.executable, "-c", SCRIPT, str(seed)], env=settings, check=True,
                          capture_output=True, text=True).stdout


def test_texts_are_the_same():
    first, second = texts(1), texts(2)
    assert first == second
    assert first.count("def ") > 50
