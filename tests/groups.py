"""Tests of very many small cases, run thirty at a time: a test of its own for each would cost more than the case.

>>> @in_groups([1, 2, 3])
... def test(case):
...     assert case != 2
>>> test([1, 2, 3])
Traceback (most recent call last):
    ...
ExceptionGroup: 1 of 3 cases (1 sub-exception)
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

SIZE = 30


def in_groups(cases: Sequence[Any], name: Callable[[Any], str] = str) -> Callable[[Callable[[Any], None]], Any]:
    """Parametrize a test of one case.  All cases of a group are run; those that fail are raised together, by name."""
    groups = [cases[at:at + SIZE] for at in range(0, len(cases), SIZE)]

    def decorate(test: Callable[[Any], None]) -> Any:
        @pytest.mark.parametrize("group", groups, ids=lambda group: f"{name(group[0])}-{name(group[-1])}")
        def run(group: Sequence[Any]) -> None:
            failed: list[Exception] = []
            for case in group:
                try:
                    test(case)
                except pytest.skip.Exception:
                    continue
                except Exception as error:      # noqa: BLE001  (whatever a case raises is told, with its name)
                    error.add_note(f"case {name(case)}")
                    failed.append(error)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(group)} cases", failed)
        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        return run
    return decorate
