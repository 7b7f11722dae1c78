"""What was made of what is gone goes too, and what changes at each call has no more derivatives than are of use.

`python -m tests.memory` measures it, over thousands of them.
"""

import gc
import linecache
import weakref

import numpy as np
import pytest

from ad_compiler import cache, derivative, grad
from ad_compiler.read import parse
from ad_compiler.validate import deadline
from tests import memory

STATE = 0


def texts():
    gc.collect()
    assert {name for name in linecache.cache if name.startswith("<ad_compiler ")} <= derivative.TEXTS.keys()
    return len(derivative.TEXTS)


def test_functions_go_and_so_do_their_texts():
    before, alive = texts(), []
    for k in range(20):
        function = memory.made(k)
        alive.append(weakref.ref(function))
        assert grad(function)(np.ones(3)).tolist() == [2.0 * k] * 3
    del function
    assert texts() <= before
    assert not any(ref() for ref in alive)


def test_sources_go_with_their_code():
    memory.generated(0)     # those of rules stay
    gc.collect()
    before = len(parse._files)
    for k in range(1, 6):
        memory.generated(k)
    gc.collect()
    assert len(parse._files) == before


def test_names_of_texts_go_with_them(monkeypatch):
    monkeypatch.setenv("AD_COMPILER_CHECK", "first")
    memory.generated(100)
    before = deadline._is_file_of_library.cache_info().currsize
    for k in range(101, 106):
        memory.generated(k)     # with its check, which looks at the names of the texts that it runs
    assert deadline._is_file_of_library.cache_info().currsize == before
    assert deadline.is_library("<frozen os>") and not deadline.is_library("<made 1>")


def test_functions_that_numba_knows_go(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setenv("AD_COMPILER_STORE", "0")
    function = memory.made(3.0)
    grad(function, backend="numba").source_for(np.ones(3))
    alive = weakref.ref(function)
    del function
    gc.collect()
    assert alive() is None


def read(x):
    return x * x * (1 + STATE)


def times(count, way):
    for k in range(count):
        way(k)


@pytest.mark.parametrize("way", [memory.numbers_as_arguments, memory.functions_as_arguments])
def test_derivatives_are_bounded(way, monkeypatch):
    monkeypatch.setattr(cache, "MOST_ENTRIES", 4)
    function = {memory.numbers_as_arguments: memory.by_argument, memory.functions_as_arguments: memory.by_function}[way]
    function.cache_clear()
    monkeypatch.setattr(function._entries, "said", False)
    with pytest.warns(RuntimeWarning, match="was compiled for 4 kinds of arguments") as said:
        times(12, way)
    assert len(said) == 1
    assert function.cache_info().currsize == 4


def test_a_number_that_changes_at_each_call_is_named_once(monkeypatch):
    monkeypatch.setattr(cache, "MOST_ENTRIES", 4)
    g = grad(read)

    def ask(states):
        for k in states:
            monkeypatch.setitem(globals(), "STATE", k)
            assert g(3.0) == 6.0 * (1 + k)

    with pytest.warns(RuntimeWarning, match="of which `STATE` differs: make that an argument") as said:
        ask((0, 1, 2, 3, 0, 4, 5, 0, 6, 7, 0))
    assert len(said) == 1
    assert g.cache_info() == (3, 8, 4)      # what is used again stays
