"""Whatever becomes of what is kept on disk, the numbers are right; `python -m tests.store` has all of it."""

import pytest

from tests import store

pytestmark = pytest.mark.compiled


@pytest.fixture
def place(tmp_path):
    return store.Place(tmp_path)


@pytest.mark.parametrize(("damage", "ending"), [pytest.param(*each, id=f"{each[0].__name__}{each[1]}")
                                                for each in store.DAMAGES])
def test_damaged_files(place, damage, ending):
    store.damaged(place, damage, ending, store.SOME[:1], 1)


@pytest.mark.parametrize("limit", [0, 2000, 20_000])
def test_a_full_disk(place, limit):
    place.run(store.SOME[:1], limit=limit)
    place.run(store.SOME[:1])
