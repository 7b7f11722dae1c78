"""A process that is forked while another thread compiles has derivatives too."""

import os
import select
import subprocess
import sys
import threading

import pytest

from ad_compiler import grad, locks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

PROGRAM = """
import os, select, threading, time
from ad_compiler import grad
def square(x): return x * x
def busy():
    while True: grad(lambda x: x ** 3 + x * x)(1.0)
threading.Thread(target=busy, daemon=True).start()
for turn in range(6):
    time.sleep(0.02 * turn)         # the first forks come while the compiler is imported
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.write(theirs, str(grad(square)(3.0)).encode())
        os._exit(0)
    told = os.read(ours, 10) if select.select([ours], [], [], 60.0)[0] else b"it hangs"
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert told == b"6.0", told
os._exit(0)
"""


def test_forked_while_another_thread_compiles(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    subprocess.run([sys.executable, "-W", "ignore", str(tmp_path / "program.py")], timeout=400, check=True)


def square(x):
    return x * x


def test_forked_while_it_is_held_for_ever(monkeypatch):
    """A compilation that waits for the thread that forks: the lock is another one in the child."""
    monkeypatch.setattr(locks, "LONGEST", 0.05)
    held, done = threading.Event(), threading.Event()

    def hold():
        with locks.OURS[0]:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.write(theirs, str(grad(square)(3.0)).encode())
        os._exit(0)
    done.set()
    thread.join()
    told = os.read(ours, 10) if select.select([ours], [], [], 60.0)[0] else b"it hangs"
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert told == b"6.0"
    assert grad(square)(4.0) == 8.0


def test_forked_by_the_thread_that_compiles():
    with locks.OURS[0]:
        child = os.fork()
        if not child:
            os._exit(int(grad(square)(3.0)))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 6
