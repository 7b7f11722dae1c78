"""What leaves the process, or comes into it: files, sockets, programs, clocks, the environment."""

import contextlib
import io
import json
import os
import pathlib
import pickle
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime

import numpy as np

from tests.validate.effects.base import NOT_AGAIN, REFUSED, effect


def in_folder(make):
    """A trial in a folder of its own; `make(path)` gives the function; the world is what the folder's files hold."""
    home = pathlib.Path(tempfile.mkdtemp())

    def world():
        return sorted((path.name, path.read_bytes()) for path in home.iterdir())

    def end():
        for arg in args:
            if isinstance(arg, io.IOBase):
                arg.close()
        shutil.rmtree(home)
    func, args = make(home)
    return func, args, world, end


def opened(make):
    """As `in_folder`; the world is how often a file was opened."""
    func, args, _, remove = in_folder(make)
    count, opening = [], io.open

    def counting(*args, **kwargs):
        count.append(1)
        return opening(*args, **kwargs)

    def end():
        io.open = opening
        remove()
    io.open = counting
    return func, args, lambda: len(count), end


@effect("open and write", NOT_AGAIN)
def _():
    def make(home):
        def f(x):
            with open(home / "log", "a") as file:
                file.write("seen")
            return x * x
        return f, (3.0,)
    return in_folder(make)


@effect("pathlib: a path of the closure, write_text", NOT_AGAIN)
def _():
    def make(home):
        path = home / "log"

        def f(x):
            path.write_text("seen")
            return x * x
        return f, (3.0,)
    return opened(make)


@effect("pathlib: a path as argument, write_text", NOT_AGAIN)
def _():
    def make(home):
        def f(x, path):
            path.write_text("seen")
            return x * x
        return f, (3.0, home / "log")
    return opened(make)


@effect("pathlib: a path as argument, open", NOT_AGAIN)
def _():
    def make(home):
        def f(x, path):
            with path.open("a") as file:
                file.write("seen")
            return x * x
        return f, (3.0, home / "log")
    return in_folder(make)


@effect("pathlib: a path as attribute of an argument", NOT_AGAIN)
def _():
    class Model:
        def __init__(self, path):
            self.path = path

    def make(home):
        def f(x, model):
            model.path.write_text("seen")
            return x * x
        return f, (3.0, Model(home / "log"))
    return opened(make)


@effect("pathlib: pathlib.Path.write_text(path, ...)", NOT_AGAIN)
def _():
    def make(home):
        def f(x, path):
            pathlib.Path.write_text(path, "seen")
            return x * x
        return f, (3.0, home / "log")
    return opened(make)


@effect("file as argument: write", NOT_AGAIN)
def _():
    def make(home):
        def f(x, file):
            file.write("seen")
            file.flush()
            return x * x
        return f, (3.0, open(home / "log", "a"))
    return in_folder(make)


@effect("file descriptor: os.write", NOT_AGAIN)
def _():
    def make(home):
        file = open(home / "log", "ab", buffering=0)
        number = file.fileno()

        def f(x, file):
            os.write(number, b"seen")
            return x * x
        return f, (3.0, file)
    return in_folder(make)


@effect("np.save", NOT_AGAIN)
def _():
    into = io.BytesIO()

    def f(x):
        np.save(into, 1.0)
        return x * x
    return f, (3.0,), lambda: len(into.getvalue())


@effect("np.savetxt", NOT_AGAIN)
def _():
    into = io.StringIO()

    def f(x):
        np.savetxt(into, (1.0,))
        return x * x
    return f, (3.0,), into.getvalue


@effect("np.lib.format.write_array", NOT_AGAIN)
def _():
    into, array = io.BytesIO(), np.ones(2)

    def f(x):
        np.lib.format.write_array(into, array)
        return x * x
    return f, (3.0,), lambda: len(into.getvalue())


@effect("np.load", NOT_AGAIN)
def _():
    into = io.BytesIO()
    for n in range(20):
        np.save(into, float(n))
    into.seek(0)

    def f(x):
        np.load(into)
        return x * x
    return f, (3.0,), into.tell


@effect("array: tofile", REFUSED)
def _():
    def f(x):
        np.array([1.0]).tofile("log")
        return x * x
    return f, (3.0,), lambda: None


@effect("json.dump", REFUSED)
def _():
    into = io.StringIO()

    def f(x):
        json.dump(1.0, into)
        return x * x
    return f, (3.0,), into.getvalue


@effect("pickle.dump", REFUSED)
def _():
    into = io.BytesIO()

    def f(x):
        pickle.dump(1.0, into)
        return x * x
    return f, (3.0,), into.getvalue


def in_environment(f):
    before, count = os.putenv, []

    def counting(*args):
        count.append(1)
        before(*args)

    def end():
        os.putenv = before
        os.environ.pop("AD_COMPILER_SEEN", None)
    os.putenv = counting
    return f, (3.0,), lambda: (os.environ.get("AD_COMPILER_SEEN"), len(count)), end


@effect("os.environ: item", REFUSED)
def _():
    def f(x):
        os.environ["AD_COMPILER_SEEN"] = "x"
        return x * x
    return in_environment(f)


@effect("os.environ: setdefault, os.putenv", NOT_AGAIN)
def _():
    def f(x):
        os.environ.setdefault("AD_COMPILER_SEEN", "x")
        os.putenv("AD_COMPILER_SEEN", "y")
        return x * x
    return in_environment(f)


@effect("subprocess.call", NOT_AGAIN)
def _():
    def make(home):
        command = f"printf x >> {home}/log"

        def f(x):
            subprocess.call(command, shell=True)
            return x * x
        return f, (3.0,)
    return in_folder(make)


@effect("os.system", NOT_AGAIN)
def _():
    def make(home):
        command = f"printf x >> {home}/log"

        def f(x):
            os.system(command)
            return x * x
        return f, (3.0,)
    return in_folder(make)


@effect("socket: as a global", NOT_AGAIN)
def _():
    def make(socket_):
        def f(x):
            socket_.send(b"x")
            return x * x
        return f, (3.0,)
    return connected(make)


@effect("socket: as argument", NOT_AGAIN)
def _():
    def make(socket_):
        def f(x, wire):
            wire.send(b"x")
            return x * x
        return f, (3.0, socket_)
    return connected(make)


def connected(make):
    here, there = socket.socketpair()
    there.setblocking(False)
    got = []

    def world():
        with contextlib.suppress(BlockingIOError):
            got.append(there.recv(1000))
        return b"".join(got)

    def end():
        here.close()
        there.close()
    return *make(here), world, end


for clock, name in ((time.time, "time.time"), (time.perf_counter, "time.perf_counter"), (time.monotonic_ns, "time.monotonic_ns"),
                    (datetime.now, "datetime.now"), (os.getpid, "os.getpid"), (time.sleep, "time.sleep")):
    def _make(clock=clock, name=name):
        def f(x):
            clock(0.0) if name == "time.sleep" else clock()
            return x * x
        return f, (3.0,), lambda: None
    effect(f"clock: {name}", NOT_AGAIN)(_make)


@effect("clock: time.time in the result", NOT_AGAIN, steady=False)
def _():
    def f(x):
        return x * time.time()
    return f, (3.0,), lambda: None


@effect("clock: as argument", NOT_AGAIN, steady=False)
def _():
    def f(x, clock):
        return x * clock()
    return f, (3.0, time.perf_counter), lambda: None
