"""NumPy's functions that work element by element, join, and shape: each by operands, memory and forms of the call."""

from collections.abc import Iterator

from tests.semantics.arrays import Program

ANY, POSITIVE, WITHIN = "M", "P", "U"

UNARY = {
    ANY: """sin cos tan arctan sinh cosh tanh arcsinh exp exp2 expm1 cbrt square negative positive absolute fabs sign
        floor ceil trunc rint reciprocal deg2rad rad2deg degrees radians sinc isnan isfinite isinf signbit logical_not
        copy asarray array asanyarray ascontiguousarray atleast_1d atleast_2d atleast_3d zeros_like ones_like
        nan_to_num real ravel transpose squeeze flip sort argsort""",
    POSITIVE: "sqrt log log2 log10 log1p",
    WITHIN: "arcsin arccos arctanh",
}
NOT_UFUNC = set("""sinc copy asarray array asanyarray ascontiguousarray atleast_1d atleast_2d atleast_3d zeros_like
    ones_like nan_to_num real ravel transpose squeeze flip sort argsort""".split())

BINARY = {
    ANY: """add subtract multiply divide true_divide maximum minimum fmax fmin arctan2 hypot copysign logaddexp logaddexp2
        remainder mod fmod floor_divide greater less equal not_equal greater_equal less_equal logical_and logical_or
        heaviside outer""",
    POSITIVE: "power float_power",
}

OPERANDS = {
    "a float": "0.7", "a NumPy float": "np.float64(0.7)", "0-d": "array(0.7)", "1-d": "M(3)", "2-d": "M(2, 3)",
    "3-d": "M(2, 1, 3)", "empty": "M(0)", "empty 2-d": "M(2, 0)", "length 1": "M(1)", "1 by 3": "M(1, 3)",
    "float32": "M(2, 3).astype(np.float32)", "a float32": "np.float32(0.7)", "int": "N(2, 3)", "int32": "N(3).astype(np.int32)",
    "bool": "M(3) > 0.0", "strided": "M(4, 6)[::2, 1::2]", "reversed": "M(3)[::-1]", "transposed": "M(3, 2).T",
    "fortran": "asfortranarray(M(2, 3))", "read-only": "read_only(M(3))", "broadcast": "broadcast_to(M(3), (2, 3))",
    "a column": "M(3, 4)[:, 1]",
}
"""One operand; M is drawn where the function is smooth."""

PAIRS = {
    "arrays": "x=M(3), y=M(3)", "a matrix and a row": "x=M(2, 3), y=M(3)", "a column and a row": "x=M(2, 1), y=M(1, 3)",
    "an array and a float": "x=M(3), y=0.8", "a float and an array": "x=0.8, y=M(2, 2)", "0-d": "x=array(0.7), y=M(3)",
    "both 0-d": "x=array(0.7), y=array(1.2)", "floats": "x=0.7, y=1.2", "NumPy floats": "x=np.float64(0.7), y=np.float64(1.2)",
    "empty": "x=M(0), y=M(0)", "empty by length 1": "x=M(2, 0), y=M(2, 1)", "length 1": "x=M(1), y=M(4)",
    "float32": "x=M(3).astype(np.float32), y=M(3).astype(np.float32)", "float32 and float64": "x=M(3).astype(np.float32), y=M(3)",
    "float32 and a float": "x=M(3).astype(np.float32), y=0.8", "with int": "x=M(3), y=N(3)", "int first": "x=N(2, 3), y=M(3)",
    "ints": "x=N(3), y=N(3)", "with bool": "x=M(3), y=array([True, False, True])", "strided": "x=M(6)[::2], y=M(3)[::-1]",
    "transposed": "x=M(3, 2).T, y=M(2, 3)", "broadcast": "x=broadcast_to(M(3), (2, 3)), y=M(2, 3)",
    "do not fit": "x=M(3), y=M(2)", "a float32 and float64": "x=np.float32(0.7), y=M(2)", "3-d": "x=M(2, 1, 3), y=M(2, 1)",
}

UNARY_FORMS = {
    "out": "out = np.empty(np.shape(x))\nnp.{f}(x, out=out)\nreturn out",
    "out returned": "return np.{f}(x, out=np.zeros(np.shape(x)))",
    "out positional": "out = np.zeros(np.shape(x))\nnp.{f}(x, out)\nreturn out",
    "out in a tuple": "out = np.zeros(np.shape(x))\nnp.{f}(x, out=(out,))\nreturn out",
    "into itself": "y = x * 1.0\nnp.{f}(y, out=y)\nreturn y",
    "into a part": "y = np.concatenate([np.ravel(x), np.ravel(x)]) * 1.0\nnp.{f}(y[1:], out=y[:-1])\nreturn y",
    "where": "return np.{f}(x, out=np.full(np.shape(x), 0.5), where=np.arange(np.size(x)).reshape(np.shape(x)) % 2 == 0)",
    "dtype": "return np.{f}(x, dtype=np.float64)",
    "twice": "return np.{f}(np.{f}(x) * 0.5 + 0.2)",
    "of a view": "y = x * 1.0\nv = y[..., ::-1]\nz = np.{f}(v)\nv[...] = 0.25\nreturn z + np.sum(y)",
}
FORM_OPERANDS = ("2-d", "transposed", "float32", "empty", "read-only", "int")

BINARY_FORMS = {
    "out": "out = np.empty(np.broadcast(x, y).shape)\nnp.{f}(x, y, out=out)\nreturn out",
    "out positional": "out = np.ones((2, 3))\nnp.{f}(x, y, out)\nreturn out",
    "into the first": "z = x * 1.0\nnp.{f}(z, y, out=z)\nreturn z",
    "where": "return np.{f}(x, y, out=np.full((2, 3), 0.5), where=np.array([True, False, True]))",
    "of one": "return np.{f}(x, x)",
    "twice": "return np.{f}(np.{f}(x, y) * 0.5 + 0.3, y)",
    "overlapping": "z = x * 1.0\nnp.{f}(z[..., 1:], z[..., :-1], out=z[..., 1:])\nreturn z",
    "outer": "return np.{f}.outer(x[0], y)",
    "reduce": "return np.{f}.reduce(x, axis=0)",
    "accumulate": "return np.{f}.accumulate(x)",
    "at": "z = x * 1.0\nnp.{f}.at(z, np.array([0, 0, 1]), y)\nreturn z",
}

SHAPED = """
    np.reshape(x, -1); np.reshape(x, (3, 2)); x.reshape(3, 2); x.reshape((3, -1)); x.reshape(-1, order='C')
    x.reshape(3, 2, order='F'); np.reshape(x, (3, 2), order='F'); x.ravel(); x.ravel('F'); x.ravel(order='C'); x.flatten()
    x.flatten('F'); np.ravel(x, order='F'); x.T; x.transpose(); x.transpose(1, 0); x.transpose((1, 0)); np.transpose(x, (1, 0))
    np.transpose(x, axes=(-1, 0)); x.swapaxes(0, 1); np.swapaxes(x, 0, -1); np.moveaxis(x, 0, -1); np.moveaxis(x, [0, 1], [1, 0])
    np.rollaxis(x, 1); np.expand_dims(x, 1); np.expand_dims(x, (0, -1)); x[None]; x[:, np.newaxis]; np.squeeze(x[None])
    np.squeeze(x[None], axis=0); x[None].squeeze(0); np.atleast_3d(x); np.flip(x); np.flip(x, 0); np.flip(x, axis=(0, 1))
    np.fliplr(x); np.flipud(x); np.rot90(x); np.rot90(x, 2); np.rot90(x, k=-1); np.rot90(x, axes=(1, 0)); np.roll(x, 1)
    np.roll(x, -1, axis=0); np.roll(x, (1, 2), axis=(0, 1)); np.roll(x, 5, 1); np.tile(x, 2); np.tile(x, (2, 1)); np.tile(x, (2, 1, 1))
    np.repeat(x, 2); np.repeat(x, 2, axis=0); np.repeat(x, [1, 2], axis=0); x.repeat(2, axis=-1); np.pad(x, 1); np.pad(x, (1, 2))
    np.pad(x, ((1, 0), (0, 2))); np.pad(x, 1, mode='edge'); np.pad(x, 1, 'reflect'); np.pad(x, 1, 'wrap'); np.pad(x, 1, 'symmetric')
    np.pad(x, 1, constant_values=2.0); np.pad(x, ((1, 1), (0, 0)), constant_values=((1.0, 2.0), (0.0, 0.0))); np.diag(x)
    np.diag(x, 1); np.diag(x[0]); np.diag(x[0], k=-1); np.diagonal(x); np.diagonal(x, 1); x.diagonal(); np.diagflat(x); np.trace(x)
    x.trace(1); np.tril(x); np.tril(x, -1); np.triu(x, k=1); np.diff(x); np.diff(x, axis=0); np.diff(x, n=2); np.diff(x, prepend=0.0)
    np.diff(x, append=x[:, :1]); np.ediff1d(x); np.gradient(x, axis=1); np.gradient(x[0]); np.cumsum(x); np.cumsum(x, axis=0)
    x.cumsum(-1); np.cumprod(x); np.cumprod(x, axis=1); x.cumprod(); np.sort(x); np.sort(x, axis=0); np.sort(x, axis=None)
    np.sort(x, kind='stable'); np.partition(x, 1); np.take(x, [0, 1]); np.take(x, [1, 0], axis=0); np.take(x, 1, axis=1); x.take([2, 0, 0], 1)
    np.take(x, [[0, 1], [1, 2]], axis=-1); np.take(x, [5, -1], mode='wrap'); np.take(x, [9, 1], axis=1, mode='clip'); np.take(x, 7)
    np.take_along_axis(x, np.argsort(x, axis=1), axis=1); np.take_along_axis(x, np.array([[0], [1]]), 1); np.compress([True, False], x, axis=0)
    np.extract(x > 0.5, x); x[x > 0.5]; np.where(x > 0.5, x, 0.0); np.where(x > 0.5, x, x * x); np.where(x[0] > 0.5, x, 1.0)
    np.select([x > 1.0, x > 0.5], [x, x * x]); np.select([x > 1.0], [x * x], default=0.25); np.choose(np.array([0, 1, 0]), [x, x * x])
    np.piecewise(x, [x > 1.0, x <= 1.0], [lambda v: v * v, lambda v: 2 * v]); np.clip(x, 0.3, 1.1); np.clip(x, None, 1.1); np.clip(x, 0.3, None)
    np.clip(x, a_min=0.3, a_max=1.1); np.clip(x, x * 0.5, 1.0); x.clip(0.3); x.clip(0.3, 1.0); x.clip(max=1.0); x.clip(min=0.5, max=1.0)
    np.round(x, 1); x.round(1); np.around(x); np.fix(x); np.modf(x)[0]; np.divmod(x, 0.7)[1]; divmod(x, 0.7)[1]; np.ldexp(x, 2); np.nan_to_num(x)
    np.concatenate([x, x]); np.concatenate((x, 2 * x), axis=1); np.concatenate([x, x], axis=None); np.concatenate([x, x], -1); np.stack([x, x])
    np.stack([x, x], axis=1); np.stack((x, x), -1); np.vstack([x, x[0]]); np.vstack((x[0], x[1])); np.hstack([x, x]); np.hstack((x[0], x[1]))
    np.dstack([x, x]); np.dstack([x[0], x[1]]); np.column_stack([x[0], x[1]]); np.column_stack((x, x)); np.append(x, 1.0); np.append(x, x)
    np.append(x, x, axis=0); np.insert(x[0], 1, 0.5); np.delete(x, 1, axis=1); np.delete(x[0], [0, 2]); np.block([[x, x], [x, x]]); np.split(x, 2)[1]
    np.split(x, [1], axis=1)[1]; np.array_split(x, 2, axis=1)[0]; np.hsplit(x, 3)[2]; np.vsplit(x, 2)[0]; np.unstack(x)[1]; np.array([x[0], x[1]])
    np.array([x[0, 0], x[1, 2]]); np.array([[x[0, 0], 1.0], [0.0, x[1, 1]]]); np.array(x, copy=True); np.array(x, dtype=np.float32)
    np.asarray(x, dtype=float); np.array([x, x]); np.array((x[0], x[0])); x.astype(np.float64); x.astype(np.float32); x.astype(float, copy=False)
    x.astype(int); np.astype(x, np.float32); x.copy(); np.copy(x); x.copy(order='F'); x.view(); np.asfortranarray(x); np.ascontiguousarray(x.T)
    np.broadcast_to(x, (2, 2, 3)); np.broadcast_to(x[0], (4, 3)); np.broadcast_arrays(x, x[0])[1]; np.meshgrid(x[0], x[1])[0]
    np.meshgrid(x[0], x[1], indexing='ij')[1]; np.ones_like(x) * x; np.full_like(x, x[0, 0]); np.full((2, 2), x[0, 1]); np.full(3, x[0])
    np.zeros_like(x, dtype=np.float32) + x; np.linspace(x[0, 0], x[0, 1], 4); np.linspace(0.0, x[0, 0], num=5, endpoint=False)
    np.linspace(x[0], x[1], 3); np.linspace(x[0], x[1], 3, axis=1); np.logspace(x[0, 0], x[0, 1], 3); np.geomspace(x[0, 1] ** 2, 9.0, 3); np.vander(x[0])
    np.vander(x[0], 2, increasing=True); np.apply_along_axis(np.sum, 1, x); np.vectorize(lambda v: v * v)(x); np.fromiter((v * v for v in x[0]), float)
    np.kron(x, x); np.kron(x[0], x[1]); np.cross(x[0], x[1]); np.cross(x, x[::-1]); np.inner(x, x); np.outer(x[0], x[1]); np.outer(x, x[0]); np.dot(x, x.T)
    np.dot(x, x[0]); np.dot(x[0], x[1]); np.dot(x, 2.0); x.dot(x.T); x @ x.T; x @ x[0]; x[:, 0] @ x; np.matmul(x, x.T); np.vdot(x, x); np.vecdot(x, x)
    np.matvec(x, x[0]); np.vecmat(x[:, 0], x); np.tensordot(x, x.T, 1); np.tensordot(x, x, axes=2); np.tensordot(x, x, axes=([0, 1], [0, 1]))
    np.tensordot(x, x, (1, 1)); np.tensordot(x, x, axes=0); np.einsum('ij,kj->ik', x, x); np.einsum('ij->ji', x); np.einsum('ij->', x); np.einsum('ij->i', x)
    np.einsum('ij,ij->j', x, x); np.einsum('i...->...', x); np.einsum('...j,...j', x, x); np.einsum(x, [0, 1], [1, 0]); np.einsum('ij,j', x, x[0]); np.linalg.norm(x)
    np.linalg.norm(x, axis=0); np.linalg.norm(x, 1); np.linalg.norm(x, np.inf); np.linalg.norm(x, 'fro'); np.linalg.norm(x, 'nuc'); np.linalg.norm(x, 2)
    np.linalg.norm(x[0], 1); np.linalg.norm(x[0], 3); np.linalg.norm(x[0], np.inf); np.linalg.norm(x[0], -np.inf); np.linalg.norm(x[0], 0)
    np.linalg.norm(x, axis=1, keepdims=True); np.linalg.norm(x, ord=1, axis=1); np.linalg.norm(x, axis=(0, 1)); np.linalg.vector_norm(x); np.linalg.matrix_norm(x)
    np.linalg.inv(x @ x.T); np.linalg.det(x @ x.T); np.linalg.slogdet(x @ x.T)[1]; np.linalg.solve(x @ x.T, x); np.linalg.solve(x @ x.T, x[:, 0])
    np.linalg.cholesky(x @ x.T); np.linalg.cholesky(x @ x.T, upper=True); np.linalg.pinv(x); np.linalg.matrix_power(x @ x.T, 3); np.linalg.matrix_power(x @ x.T, -1)
    np.linalg.multi_dot([x, x.T, x]); np.linalg.eigvalsh(x @ x.T); np.linalg.eigh(x @ x.T)[0]; np.linalg.svd(x, compute_uv=False); np.linalg.svdvals(x)
    np.linalg.lstsq(x.T, x.T[:, 0])[0]; np.linalg.qr(x.T)[1]; np.linalg.trace(x); np.linalg.outer(x[0], x[1]); np.linalg.cross(x[0], x[1]); np.linalg.diagonal(x)
    np.linalg.matmul(x, x.T); np.linalg.matrix_transpose(x); x.mT; np.linalg.vecdot(x, x); np.linalg.cond(x); np.convolve(x[0], x[1]); np.convolve(x[0], x[1], 'same')
    np.convolve(x[0], x[1][:2], 'valid'); np.correlate(x[0], x[1]); np.correlate(x[0], x[1], 'full'); np.interp(0.35, np.arange(3.0), x[0])
    np.interp(np.array([0.5, 1.5]), np.arange(3.0), x[0]); np.interp(x[0], np.arange(-4.0, 4.0), np.arange(8.0) ** 2); np.polyval(x[0], 0.5); np.polyval([1.0, 2.0], x)
    np.polyfit(np.arange(3.0), x[0], 1); np.trapezoid(x); np.trapezoid(x, dx=0.5); np.trapezoid(x[0], np.array([0.0, 1.0, 3.0])); np.trapezoid(x, axis=0)
    np.cov(x); np.corrcoef(x); np.histogram(x[0], bins=3)[0]; np.bincount(np.array([0, 1, 1]), weights=x[0]); np.digitize(x[0], [0.5, 1.0]); np.searchsorted(np.sort(x[0]), x[0])
    np.unique(x); np.argsort(x); np.argmax(x, axis=1); x.argmin(); np.nonzero(x > 0.5)[0]; np.flatnonzero(x > 0.5); np.argwhere(x > 0.5); np.lexsort((x[0], x[1])); x.nonzero()[1]
    np.isclose(x, x); np.allclose(x, x); np.array_equal(x, x); np.array_equiv(x, x); np.isin(x, x[0]); np.may_share_memory(x, x); np.shares_memory(x, x); np.ndim(x); x.ndim; np.size(x, 0)
    x.shape; x.size; x.dtype == np.float64; x.itemsize; x.nbytes; len(x); x.item(1); x.item(1, 2); x.tolist()[0][1]; float(x[0, 0]); x[0, 0].item(); np.float64(x[0, 0]); abs(x); -x; +x
    x ** 2; x ** 2.0; 2.0 ** x; x // 0.3; x % 0.3; 0.3 % x; 1.0 / x; x - 1; 1 - x; x < 0.5; x == x; ~(x > 0.5); (x > 0.5) & (x < 1.0); (x > 0.5) * x; x * (x > 0.5); max(x[0]); min(x[0]); sum(x)
    sum(x[0]); sorted(x[0])[1]; np.hypot(*x); np.add(*x); [v * v for v in x[0]]; list(x)[1]; tuple(x)[0]; np.array(list(x)); np.array([v for v in x]); list(x.flat)[2]; x.flat[3]; np.array(list(zip(*x)))
    x.real; x.imag; np.imag(x); np.conj(x); x.conj(); np.angle(x); np.unwrap(x); np.i0(x); np.float_power(x, 2); np.average(x); np.average(x, axis=1, weights=[1.0, 2.0, 3.0])
    np.average(x, weights=x); np.ptp(x); np.ptp(x, axis=0); np.median(x); np.median(x, axis=1); np.percentile(x, 30); np.quantile(x, 0.3); np.quantile(x, [0.1, 0.5], axis=1); np.nansum(x)
    np.nanmean(x); np.nanmax(x); np.nanmin(x, axis=0); np.nanvar(x); np.nanstd(x); np.nanprod(x); np.nancumsum(x); np.nanmedian(x); np.trim_zeros(x[0]); np.resize(x, (3, 3)); np.tri(2, 3) * x
    np.fft.fft(x[0]).real; np.ix_([0, 1], [0, 2])[0]; x[np.ix_([0, 1], [0, 2])]; x[np.triu_indices(2)]; x[np.tril_indices(2, -1)]; x[np.diag_indices(2)]; x[np.unravel_index(4, (2, 3))]
    x.ravel()[np.ravel_multi_index((1, 2), (2, 3))]; x[np.s_[:, 1]]; np.r_[x[0], 1.0]; np.c_[x[0], x[1]]; np.apply_over_axes(np.sum, x, [0]); np.matrix_transpose(x); np.sum(np.mgrid[0:2, 0:3] * x)
"""
"""Calls by which an array is shaped, joined, chosen from, multiplied, and what Python makes of it."""

SHAPED_OPERANDS = ("2-d", "transposed", "strided", "read-only", "float32", "int")

STATEMENTS = {
    "put": "y = x * 1.0\nnp.put(y, [0, 3], x[0, :2])\nreturn y",
    "put method": "y = x * 1.0\ny.put([0, 3], [1.0, 2.0])\nreturn y",
    "place": "y = x * 1.0\nnp.place(y, y > 0.5, [0.25])\nreturn y",
    "putmask": "y = x * 1.0\nnp.putmask(y, y > 0.5, x * x)\nreturn y",
    "copyto": "y = np.zeros((2, 3))\nnp.copyto(y, x)\nreturn y * y",
    "copyto where": "y = x * 1.0\nnp.copyto(y, x * x, where=x > 0.5)\nreturn y",
    "fill": "y = x * 1.0\ny.fill(x[0, 0])\nreturn y",
    "fill a row": "y = x * 1.0\ny[0].fill(x[0, 1])\nreturn y",
    "sort in place": "y = x * 1.0\ny.sort()\nreturn y",
    "sort in place, axis": "y = x * 1.0\ny.sort(axis=0)\nreturn y",
    "fill_diagonal": "y = x * 1.0\nnp.fill_diagonal(y, x[0, :2])\nreturn y",
    "put_along_axis": "y = x * 1.0\nnp.put_along_axis(y, np.array([[0], [2]]), x[:, :1], axis=1)\nreturn y",
    "shape set": "y = x * 1.0\ny.shape = (3, 2)\nreturn y",
    "resize": "y = x * 1.0\ny.resize((3, 2), refcheck=False)\nreturn y",
    "partition in place": "y = x * 1.0\ny.partition(1)\nreturn y",
    "swap rows": "y = x * 1.0\ny[[0, 1]] = y[[1, 0]]\nreturn y",
    "swap rows by tuples": "y = x * 1.0\ny[0], y[1] = y[1].copy(), y[0].copy()\nreturn y",
    "swap rows as views": "y = x * 1.0\ny[0], y[1] = y[1], y[0]\nreturn y",
    "into the argument": "x[0] = x[1] * x[0]\nreturn x",
    "augmented": "y = x * 1.0\ny += x\ny *= x\ny -= 0.5\ny /= x\ny **= 2\nreturn y",
    "rows": "return np.stack([row * (i + 1.0) for i, row in enumerate(x)])",
    "rows written": "y = x * 1.0\nfor row in y:\n    row *= row\nreturn y",
    "columns written": "y = x * 1.0\nfor c in y.T:\n    c[0] = c[1] * 2.0\nreturn y",
    "nditer": "s = 0.0\nfor v in np.nditer(x):\n    s += v * v\nreturn s",
    "ndindex": "s = 0.0\nfor at in np.ndindex(2, 3):\n    s += x[at] ** 2\nreturn s",
    "ndindex of a shape": "s = 0.0\nfor at in np.ndindex(x.shape):\n    s += x[at] ** 2\nreturn s",
    "ndenumerate": "s = 0.0\nfor (i, j), v in np.ndenumerate(x):\n    s += i * v + j * v * v\nreturn s",
    "flat": "s = 0.0\nfor v in x.flat:\n    s += v * v\nreturn s",
    "flat written": "y = x * 1.0\ny.flat[2] = x[0, 0]\nreturn y",
    "flat slice written": "y = x * 1.0\ny.flat[1:3] = x[0, 0]\nreturn y",
    "unpacked": "a, b = x\nreturn a * b",
    "unpacked shape": "m, n = x.shape\nreturn x * (m + n)",
    "errstate": "with np.errstate(all='ignore'):\n    y = x * 1.0\nreturn y * y + x / (x - x[0, 0])",
    "T written": "y = x * 1.0\ny.T[0] = x[:, 1] ** 2\nreturn y",
    "diagonal written": "y = x * 1.0\ny[np.arange(2), np.arange(2)] = x[0, :2]\nreturn y",
    "diagonal view": "y = x * 1.0\nd = np.diagonal(y)\ny[0, 0] = 3.0\nreturn d * d",
    "einsum view written": "y = x * 1.0\nd = np.einsum('ij->ji', y)\nd[0] = 2.0\nreturn y",
    "broadcast written": "b = np.broadcast_to(x, (2, 2, 3))\nb[0] = 1.0\nreturn b",
    "read-only written": "x.flags.writeable = False\nx[0] = 1.0\nreturn x",
    "setflags": "y = x * 1.0\ny.setflags(write=False)\ny[0] = 1.0\nreturn y",
    "float of an array": "return float(np.sum(x)) * x",
    "truth of an array": "return x if x.any() else 2.0 * x",
    "truth of several": "return x if x > 0.0 else 2.0 * x",
    "structured": "r = np.zeros(2, dtype=[('a', float), ('b', float)])\nr['a'] = x[:, 0]\nreturn r['a'] * 2.0",
    "masked": "m = np.ma.masked_array(x, mask=x > 0.5)\nreturn m.sum() * 1.0",
    "matrix": "m = np.matrix(x)\nreturn np.sum(m * m.T)",
    "object": "o = np.array([x[0, 0], x[0, 1]], dtype=object)\nreturn o[0] * o[1]",
    "memoryview": "return np.asarray(memoryview(x)) * 2.0",
    "vectorize": "f = np.vectorize(lambda a, b: a * b if a > b else a + b)\nreturn f(x, 0.5)",
    "add.reduceat": "return np.add.reduceat(x[0], [0, 1])",
    "complex": "return np.abs(x + 1j * x)",
}

EMPTY = "sum prod mean max min std argmax cumsum sort median concatenate".split()


def functions() -> Iterator[Program]:
    for domain, names in UNARY.items():
        for f in names.split():
            for operand, made in OPERANDS.items():
                made = f"x={made.replace('M(', domain + '(')}"
                yield Program(f"np.{f} of {operand}", made, f"return np.{f}(x)")
                if f not in NOT_UFUNC and operand in FORM_OPERANDS:
                    for form, text in UNARY_FORMS.items():
                        yield Program(f"np.{f} {form}, {operand}", made, text.format(f=f))
    for domain, names in BINARY.items():
        for f in names.split():
            for pair, made in PAIRS.items():
                yield Program(f"np.{f} of {pair}", made.replace("M(", domain + "("), f"return np.{f}(x, y)")
            if f == "outer":
                continue
            for form, text in BINARY_FORMS.items():
                yield Program(f"np.{f} {form}", f"x={domain}(2, 3), y={domain}(3)", text.format(f=f))
    for call in (part.strip() for line in SHAPED.split("\n") for part in line.split("; ")):
        for operand in SHAPED_OPERANDS if call else ():
            yield Program(f"{call} of {operand}", f"x={OPERANDS[operand]}", f"return {call}")
    for name, text in STATEMENTS.items():
        for operand in SHAPED_OPERANDS:
            yield Program(f"{name} of {operand}", f"x={OPERANDS[operand]}", text)


FUNCTIONS = {program.name: program for program in functions()}
