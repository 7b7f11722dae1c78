"""What Numba makes is kept in a directory of the test run; a sample of the tests compiles, the others are interpreted."""

import pytest

pytest.importorskip("numba")

from tests.numba.sample import COMPILED  # noqa: E402


def pytest_collection_modifyitems(config, items):
    here = {f"{item.path.name}::{item.name}": item for item in items if item.nodeid.startswith("tests/numba/")}
    for name in COMPILED & here.keys():
        here[name].add_marker(pytest.mark.compiled)
    whole = {name.partition("::")[0] for name in here} if not any("::" in arg for arg in config.args) else set()
    missing = sorted(name for name in COMPILED - here.keys() if name.partition("::")[0] in whole)
    if missing:
        raise pytest.UsageError(f"tests/numba/sample.py names tests that are not there: {', '.join(missing)}")


@pytest.fixture(autouse=True, scope="session")
def _cache_directory(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AD_COMPILER_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
