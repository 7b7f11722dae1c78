"""What a function does to the world happens as often with the check as without it.

    python -m tests.validate.test_effects

prints the table: each effect, how often the function is run again, what is told, and whether the world is the same.
"""

import importlib
import pkgutil
from typing import Any, NamedTuple

import pytest

import tests.validate.effects
from ad_compiler import CannotDifferentiate, grad
from tests.validate.effects.base import AGAIN, EFFECTS, NOT_AGAIN, REFUSED, Effect

for found in pkgutil.iter_modules(tests.validate.effects.__path__):
    importlib.import_module(f"tests.validate.effects.{found.name}")

CALLS = 3


class History(NamedTuple):
    """Results and states of the world, call by call; what became of the function, in words."""

    seen: list[Any]
    done: str = ""


def history(effect: Effect, check: str) -> History:
    trial = effect.make()
    seen, done = [trial.world()], ""
    try:
        g = grad(trial.func, check=check)
        for n in range(CALLS):
            result = g(*trial.args)
            seen.append((result if effect.steady else None, trial.world()))
            if n == 0 and g.checked is not None:
                done = f"{AGAIN}: {g.checked}" if g.checked.runs else f"{NOT_AGAIN}: {g.checked.reason}"
    except CannotDifferentiate as error:
        return History(seen, f"{REFUSED}: {str(error).splitlines()[0]}")
    finally:
        trial.end()
    return History(seen, done)


@pytest.mark.parametrize("effect", [
    pytest.param(e, marks=pytest.mark.xfail(reason=e.fault, strict=True)) if e.fault else e for e in EFFECTS], ids=str)
def test_effect(effect):
    without = history(effect, "off")
    for check in ("first", "always"):
        with_check = history(effect, check)
        assert str(with_check.seen) == str(without.seen), check
        assert effect.expected in with_check.done


def main():
    print("| effect | the function is | the world |\n|---|---|---|")
    for effect in EFFECTS:
        try:
            without, with_check = history(effect, "off"), history(effect, "first")
            same = "the same" if str(with_check.seen) == str(without.seen) else \
                f"**{with_check.seen[1:]}**, without the check {without.seen[1:]}"
            done = with_check.done
        except Exception as error:      # noqa: BLE001  (it is shown in the table)
            done, same = f"**{type(error).__name__}: {str(error).splitlines()[0]}**", ""
        short = AGAIN if done.startswith(AGAIN) and effect.expected == AGAIN else done
        as_expected = "" if effect.expected in done else f"**not as expected ({effect.expected})**: "
        print(f"| {effect.name} | {as_expected}{short} | {same} |")


if __name__ == "__main__":
    main()
