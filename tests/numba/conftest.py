"""What Numba makes is kept in a directory of the test run."""

import pytest

pytest.importorskip("numba")


@pytest.fixture(autouse=True, scope="session")
def _cache_directory(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AD_COMPILER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
