"""What compiled code compares is another word after each change that matters: a derivative is asked for anew."""

import builtins
import sys
import types

import numpy as np
import pytest

from ad_compiler import unchanged
from ad_compiler.unchanged import Unchanged
from ad_compiler.watch import Default, Made, Name, OfClass, Watch


def holds(asks):
    """As compiled code asks: by the words, and else by a call."""
    count, *words = asks.table.tolist()
    return count >= 0 and all(unchanged._word(at) == seen for at, seen in zip(words[::2], words[1::2], strict=True)) \
        or asks()

CHANGES = [
    "world['K'] = {new}", "module.K = {new}", "setattr(module, 'K', {new})", "world.update(K={new})", "world |= {{'K': {new}}}",
    "exec('K = {new}', world)", "world.__setitem__('K', {new})",
    "exec('def f():\\n    global K\\n    K = {new}\\nf()', world)", "dict.__ior__(world, {{'K': {new}}})",
    "del world['K']\nworld['K'] = {new}", "world.pop('K')\nworld.setdefault('K', {new})",
    "del module.K\nmodule.K = {new}", "world.clear()\nworld['K'] = {new}", "world.clear()\nworld.update({{'K': {new}}})",
    "while world:\n    world.popitem()\nworld |= {{'K': {new}}}", "world.update([('K', {new})])",
    "types.ModuleType.__setattr__(module, 'K', {new})", "module.__init__('m')\nmodule.K = {new}",
    "world.__init__(K={new})", "dict.update(world, zip('K', [{new}]))",
]


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_of_a_dict(change):
    module = types.ModuleType("m")
    module.K = 1000
    world = vars(module)
    asks = Unchanged([Watch(Name(world, "K"), module.K, True)])
    assert holds(asks)
    for new in range(2000, 2010):
        compiled = compile(change.format(new=new), "<change>", "exec")
        before = asks.table.tolist()
        exec(compiled, {"world": world, "module": module, "types": types})
        assert world["K"] == new and not holds(asks)
        assert asks.table.tolist() == before
        asks = Unchanged([Watch(Name(world, "K"), world["K"], True)])


def test_warm_stores():
    """What Python puts in place of an instruction that runs often counts too."""
    module = types.ModuleType("m")
    module.K = 0
    exec("def put(new):\n    global K\n    K = new\n", vars(module))

    def by_attribute(new):
        module.K = new
    for new in range(1000, 1200):
        asks = Unchanged([Watch(Name(vars(module), "K"), module.K, True)])
        assert holds(asks)
        (module.put if new % 2 else by_attribute)(new)
        assert not holds(asks)


def test_deleted():
    world = {"K": 1000}
    for change in (world.clear, lambda: world.pop("K"), lambda: world.popitem(), lambda: world.__delitem__("K")):
        world["K"] = 1000
        asks = Unchanged([Watch(Name(world, "K"), world["K"], True)])
        assert holds(asks)
        change()
        assert not holds(asks)


def test_words_are_compared():
    """On a Python that counts what becomes of a dict, nothing is called where nothing has changed."""
    asks = Unchanged([Watch(Name({"K": 2}, "K"), 2, True)])
    assert asks.table[0] == (1 if sys.version_info < (3, 14) else -1)


def test_builtins(monkeypatch):
    world = {}
    asks = Unchanged([Watch(Name(world, "len", True), len, True)])
    assert holds(asks)
    world["other"] = 1
    assert holds(asks)
    monkeypatch.setattr(builtins, "len", lambda thing: 7)
    assert not holds(asks)
    monkeypatch.undo()
    assert holds(asks)
    world["len"] = max
    assert not holds(asks)


def test_shape_of_an_array():
    """It changes, and the dict that holds the array does not."""
    world = {"A": np.ones(6)}
    asks = Unchanged([Watch(Name(world, "A"), world["A"], False, None, (world, "A"))])
    assert holds(asks)
    world["A"].resize((2, 3), refcheck=False)
    assert not holds(asks)


def test_functions():
    def f(x, k=2.0, *, j=1.0):
        return x * k * j
    asks = Unchanged([Watch(Made((f,)), True, True)])
    assert holds(asks)
    f.__defaults__ = (3.0,)
    assert not holds(asks)
    f.__defaults__ = (2.0,)
    asks = Unchanged([Watch(Made((f,)), True, True), Watch(Default(f, "j"), f.__kwdefaults__["j"], True)])
    assert holds(asks)
    f.__kwdefaults__["j"] = 5.0
    assert not holds(asks)
    f.__kwdefaults__ = None
    assert not holds(asks)
    asks = Unchanged([Watch(Made((f,)), True, True)])
    f.__code__ = (lambda x, k=2.0, *, j=1.0: x).__code__
    assert not holds(asks)


def test_classes():
    class Gain:
        pass
    asks = Unchanged([Watch(OfClass(Gain, "__bool__"), None, True)])
    assert holds(asks)
    Gain.__bool__ = lambda self: False
    assert not holds(asks)
