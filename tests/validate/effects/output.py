"""What is shown: prints, logs, warnings."""

import contextlib
import io
import logging
import sys
import warnings

import numpy as np

from ad_compiler import no_grad
from tests.validate.effects.base import AGAIN, NOT_AGAIN, effect


@contextlib.contextmanager
def _captured(name):
    """A stream of `sys` that is read back."""
    into, before = io.StringIO(), getattr(sys, name)
    setattr(sys, name, into)
    try:
        yield into
    finally:
        setattr(sys, name, before)


def captured(func, *args, name="stdout"):
    """A trial during which a stream of `sys` is caught."""
    stack = contextlib.ExitStack()
    into = stack.enter_context(_captured(name))
    return func, args, into.getvalue, stack.close


@effect("print", "it prints")
def _():
    def f(x):
        print("seen", x)
        return x * x
    return captured(f, 3.0)


@effect("print: to a stream", "it prints")
def _():
    into = io.StringIO()

    def f(x):
        print("seen", file=into)
        return x * x
    return f, (3.0,), into.getvalue


@effect("print: under another name", "it prints")
def _():
    say = print

    def f(x):
        say("seen")
        return x * x
    return captured(f, 3.0)


@effect("print: as an argument", "it prints")
def _():
    def f(x, say):
        say("seen")
        return x * x
    return captured(f, 3.0, print)


@effect("print: in a helper, under no_grad", "it prints")
def _():
    @no_grad
    def helper(y):
        print("seen", y)
        return y

    def f(x):
        with no_grad():
            print("here")
        return helper(x) * x
    return captured(f, 3.0)


@effect("print: in a loop that breaks", "it prints")
def _():
    def f(x):
        for n in range(10):
            if n * x > 5.0:
                print("left at", n)
                break
        return x * x
    return captured(f, 3.0)


@effect("sys.stdout.write", NOT_AGAIN)
def _():
    def f(x):
        sys.stdout.write("seen\n")
        return x * x
    return captured(f, 3.0)


@effect("sys.stderr.write", NOT_AGAIN)
def _():
    def f(x):
        sys.stderr.write("seen\n")
        return x * x
    return captured(f, 3.0, name="stderr")


@effect("logging.info", NOT_AGAIN)
def _():
    def f(x):
        logging.getLogger("seen").warning("value %s", 1.0)
        return x * x
    return logged(f, 3.0)


@effect("logging: a global logger", NOT_AGAIN)
def _():
    logger = logging.getLogger("seen")

    def f(x):
        logger.warning("value")
        return x * x
    return logged(f, 3.0)


@effect("logging: a logger as argument", NOT_AGAIN)
def _():
    def f(x, logger):
        logger.warning("value")
        return x * x
    return logged(f, 3.0, logging.getLogger("seen"))


@effect("logging: a logger as attribute of an argument", NOT_AGAIN)
def _():
    class Model:
        def __init__(self):
            self.logger, self.w = logging.getLogger("seen"), 2.0

    def f(x, model):
        model.logger.warning("value")
        return x * x * model.w
    return logged(f, 3.0, Model())


def logged(f, *args):
    records = []

    class Handler(logging.Handler):
        def emit(self, record):
            records.append(record.getMessage())
    logger, handler = logging.getLogger("seen"), Handler()
    logger.addHandler(handler)
    logger.propagate = False
    return f, args, lambda: list(records), lambda: logger.removeHandler(handler)


@effect("warnings.warn", NOT_AGAIN)
def _():
    def f(x):
        warnings.warn("seen", stacklevel=1)
        return x * x
    return warned(f, 3.0)


@effect("warnings.warn: RuntimeWarning of NumPy", AGAIN)
def _():
    def f(x):
        return np.sum(np.log(x))
    return warned(f, np.array([-1.0, 2.0]))


def warned(f, *args):
    stack = contextlib.ExitStack()
    seen = stack.enter_context(warnings.catch_warnings(record=True))
    warnings.simplefilter("always")
    return f, args, lambda: [str(w.message) for w in seen], stack.close


@effect("np.info", NOT_AGAIN)
def _():
    def f(x):
        np.info("nothing of that name")
        return x * x
    return captured(f, 3.0)


