"""Functions as people publish them, and stores of every kind, in forward mode: beside differences."""

import numpy as np
import pytest

from tests.kernels.test_kernels import KERNELS, arguments
from tests.published.test_kernels import KERNELS as PUBLISHED, each
from tests.stores.test_stores import CASES
from tests.tangent.base import check_jvp

# users of NumPy before 2.5 set `a.shape`
pytestmark = pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array:DeprecationWarning")


@each(PUBLISHED)
def test_published(kernel):
    args = kernel.args()
    check_jvp(kernel.func, args, tuple(n % len(args) for n in np.atleast_1d(kernel.argnums)), rtol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_stores(name):
    args = CASES[name].make()
    check_jvp(CASES[name].func, args, tuple(range(len(args))), rtol=1e-5)


@pytest.mark.parametrize("name", KERNELS)
def test_kernels(name):
    args = arguments(name)
    check_jvp(KERNELS[name].func, args, tuple(n % len(args) for n in KERNELS[name].argnums), rtol=1e-5)
