"""Programs after public bug reports of other tools: what went wrong there has to be right, or refused, here.

Each row says where the fault was reported (project and number), the arguments, the program, and what its gradient has to
be: nothing where differences tell, `kink` where any slope between those of both sides is right, `any` where the
mathematics has none and only the value counts, or the gradient itself.
"""

from tests.semantics.arrays import Program

ROWS: list[tuple[str, str, str, str]] = [
    # norms, roots and powers at zero
    ("autograd 183", "x=zeros((2, 1))", "return np.exp(-1.0 * np.linalg.norm(x) ** 2)", ""),
    ("autograd 617", "x=zeros((1, 2))", "return np.sum(np.linalg.norm(x, axis=-1) ** 2)", ""),
    ("autograd 151, 268; pytorch 2421", "x=zeros(3)", "return np.linalg.norm(x)", "kink"),
    ("jax 21723", "x=0.0", "return np.linalg.norm(x) ** 2", ""),
    ("jax 4177", "x=zeros(2)", "return np.sqrt(np.sum(x ** 2)) ** 2", ""),
    ("pytorch 4320; jax 11716", "x=ones(2)", "return np.std(x)", "kink"),
    ("keras 2960", "x=zeros((2, 3))", "return np.sum(np.sqrt(np.var(x, axis=0) + 1e-3))", ""),
    ("tensorflow 2295", "x=array([-0.5, 0.25, 1.5])", "return np.sum(np.clip(x, 0.0, 1.0) ** (1.0 / 2.4))", ""),
    ("tensorflow 35011", "x=array([-1.0, 0.0, 1.0])", "return np.sum(x + x ** 2 + x ** 3 + np.power(x, 4))", ""),
    ("pytorch 27134", "a=array([0.0, 2.0]), b=ones(2)", "return np.sum(a ** b)", ""),
    ("tfjs 346", "x=array([-2.0, -1.5])", "return np.sum(x ** 2.0)", ""),
    ("tfjs 346, the exponent", "x=2.0, a=array([-2.0, 0.0])", "return np.sum(a ** x)", "any"),
    ("drake 23862", "x=array([0.0, 2.0])", "return np.sum(x[:, None] ** np.arange(4))", ""),
    ("drake 23862, the base is a number", "x=0.0", "return 3.0 * x ** 0 + 2.0 * x ** 1 + x ** 2", ""),
    ("stan math 3031", "x=array([1.0, 2.0])", "return np.sum((x - x) ** 2) ** 0.5 + np.sum(x)", "[1.0, 1.0]"),
    # where, clip, NaN in what was not taken
    ("tensorflow 20355", "x=array([-1.0, 0.5, 1.0])", "return np.sum(np.where(x < 0, 1.0 / (1.0 - x), np.log(x + 1)))", ""),
    ("tensorflow 20091", "w=array([2.0]), v=array([0.0])", "return np.sum(np.where(v == 0.0, w * 3.0, w / v))",
     "[3.0], [0.0]"),
    ("tensorflow 38349, 38467", "x=array([-1.0, 0.0, 4.0])", "return np.sum(np.where(x > 0, np.sqrt(x), x))", "[1.0, 1.0, 0.25]"),
    ("tensorflow 27684", "a=1.0, x=array([-1.0, 2.0, 0.5])", "return np.sum(np.where(x > 0, a * np.log(x), np.zeros(3)))", ""),
    ("tensorflow 2540", "x=array([0.0, 3.0])", """
        out = np.zeros(2)
        pos = x > 0
        out[pos] = np.log(x[pos])
        return np.sum(out)""", "[0.0, 1.0 / 3.0]"),
    ("pytorch 7049; paddle 12597", "x=array([-1.0, 0.0, 1.0, 2.0])", "return np.sum(np.clip(x, -1.0, 1.0))", "kink"),
    ("numba 10142", "x=array([np.nan, -3.0, 0.5])", "return np.sum(np.clip(x, -1.0, 1.0)[1:])", ""),
    ("tinygrad 18029", "x=array([0.0, 6.0, 7.0])", "return np.sum(np.minimum(np.maximum(x, 0.0), 6.0))", "kink"),
    ("jax 6811", "x=1.0", "return np.exp(np.logaddexp(-np.inf, -np.inf + x))", "any"),
    ("jax 1624", "x=array([-1.0, 2.0])", "return np.sum(np.logaddexp(np.array([-np.inf, 1.0]), x))", ""),
    ("enzyme 2393", "x=1.0, y=1.0", "return np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y)))", ""),
    # ties
    ("autograd 212", "x=array(1.0), y=array(1.0)", "return np.maximum(x, y)", "kink"),
    ("autograd 141", "x=array([1.0, 3.0])", "return np.max(np.stack([x, x]))", ""),
    ("autograd 141, of the same", "x=array([1.0, 3.0])", "return np.sum(np.maximum(x, x))", ""),
    ("mxnet 18563", "x=ones((4, 3))", "return np.sum(np.max(x, axis=0))", "kink"),
    ("autograd 49", "x=ones(2), y=ones(2)", "return np.log(np.max(x / y) / np.min(x / y))", "kink"),
    ("zygote 724", "x=array([0.5, 0.25, 0.75])", "return np.sum(x * (x == np.max(x)))", ""),
    ("zygote 724, by columns", "x=M(3, 3)", "return np.sum(x * (x == np.max(x, axis=0)))", ""),
    ("zygote 1597", "x=arange(1.5, 9.0)", "return np.sum(x ** 3) / np.count_nonzero(x > 3)", ""),
    # products that hold zeros
    ("theano 5197", "x=array([1.0, 0.0])", "y = np.cumprod(x)\nreturn np.sum(y * y)", ""),
    ("tensorflow 119430", "x=array([2.0, 0.0, 0.0, 3.0])", "return np.sum(np.cumprod(x))", ""),
    ("tensorflow 119430, first", "x=array([0.0, 2.0, 3.0])", "return np.sum(np.cumprod(x))", ""),
    ("tensorflow 3862", "x=zeros(1)", "return np.sum(np.cumprod(x))", ""),
    ("pytensor 1911", "x=array([[0.0, 2.0], [3.0, 0.0]])", "return np.sum(np.cumprod(x, axis=-1))", ""),
    ("pytorch 773; mxnet 17864", "x=array([[4.0, 0.0]])", "return np.sum(np.prod(x, axis=1))", ""),
    ("flux 524", "x=array([[0.0, 2.0, 0.0], [0.0, 2.0, 3.0]])", "return np.sum(np.prod(x, axis=1) * np.array([1.0, 2.0]))", ""),
    # einsum, trace, tensordot
    ("autograd 115", "x=M(2, 2)", "return np.einsum('ii->', x) * x[0, 1]", ""),
    ("autograd 510", "x=M(4, 2), w=M(4, 4)", "return np.sum(np.einsum('nd,nn->d', x, w))", ""),
    ("autograd 242", "x=M(3, 2, 3, 2)", "y = np.einsum('abcd->bd', x)\nreturn np.sum(y ** 2)", ""),
    ("autograd 31", "x=M(2, 3), y=M(3, 2)", "return np.sum(np.einsum(x, [0, 1], y, [1, 2], [2, 0]) ** 2)", ""),
    ("autograd 115, many", "a=M(2, 3, 3, 2), b=M(4, 3, 2), c=M(3, 3)", "return np.sum(np.einsum('ijji,kji,jj->kj', a, b, c))", ""),
    ("mygrad 24", "x=M(4, 4)", "return np.sum(np.einsum('ii->i', x) * np.arange(4.0))", ""),
    ("mygrad 24, no output named", "x=M(4, 4)", "return np.sum(np.einsum('ij,jk', x, x))", ""),
    ("tinygrad 18229", "x=M(3, 3, 2), y=M(2)", """
        return np.sum(np.einsum('iij->ij', x) * y) + np.sum(np.einsum('iij->i', x) ** 2) + np.sum(
            np.einsum('iij,j->ij', x, y) ** 2)""", ""),
    ("tenferro 557", "x=M(2, 2)", "return np.einsum('ii', x) ** 2", ""),
    ("pytorch 171704", "x=M(4, 2)", "return np.trace(x) ** 2", ""),
    ("pytorch 171704, wide", "x=M(2, 4)", "return np.trace(x, 1) * np.trace(x, offset=-1)", ""),
    ("autograd 98", "x=M(3, 4), y=M(4, 2)", "return np.sum(np.tensordot(x, y, axes=[[-1], [0]]) ** 2)", ""),
    # memory that overlaps, views that are written into
    ("numpy 2705", "x=array([1.0, 2.0]), y=M(2, 2)", """
        u, v = np.broadcast_arrays(x, y)
        u = u + v
        return np.sum(u * u)""", ""),
    ("numpy 1683", "x=M(2, 2)", "y = x.copy()\ny += y.T\nreturn np.sum(y * y)", ""),
    ("numpy 16749", "x=M(6)", "d = x.copy()\nd[1:] -= d[:-1]\nreturn np.sum(d * d)", ""),
    ("numpy 16749, backwards", "x=M(6)", """
        d = x.copy()
        np.subtract(d[1:], d[:-1], out=d[:-1])
        return np.sum(d * d)""", ""),
    ("numpy 6673", "x=M(2, 50) + 2.0", "a = x.copy()\na /= a[0]\nreturn np.sum(a * a)", ""),
    ("numpy 6119", "x=M(95, 95)", "h = x * 1.0\nh += h.T\nreturn np.sum(h * h)", ""),
    ("numpy 6166", "x=M(5)", """
        y = (x * 1.0)[::-1]
        np.add(y[1:], y[:-1], out=y[1:])
        return np.sum(y * y * np.arange(5.0))""", ""),
    ("numpy 8043", "x=M(5)", """
        y = x * 1.0
        np.add.at(y[::-1], np.array([0, 0, 3]), y[:3])
        return np.sum(y * y)""", ""),
    ("numpy 12318", "x=M(3, 4)", """
        a = x * 1.0
        y = a.ravel('F')
        y[0] = 9999.0
        return np.sum(a * a) + np.sum(y[1:])""", ""),
    ("numpy 10345", "x=M(3, 2)", """
        a = np.asfortranarray(x * 1.0)
        y = a.ravel()
        y[0] = 5.0
        return np.sum(a * a) + np.sum(y * y)""", ""),
    ("numpy 28828", "x=M(2, 3)", "return np.sum(np.reshape(np.ravel(x, order='F'), (2, 3), order='F') * np.arange(6.0).reshape(2, 3))", ""),
    ("pytorch 67800", "x=M(2, 2), y=M(2, 2)", """
        base = x * 1.0
        view = base.T
        view *= y
        view *= 2.0
        return np.sum(base * np.arange(4.0).reshape(2, 2))""", ""),
    ("pytorch 49824, 36608", "x=M(3, 3)", """
        a = x.copy()
        rows = list(a)
        rows[0][:2] *= 2.0
        v = rows[1]
        v *= v
        return np.sum(a * a)""", ""),
    ("pytorch 8874", "x=M(4)", """
        x = x * 1.0
        xx = x[2:]
        y = xx[1]
        x[0] += 0.0
        x[3] = 7.0
        return y * np.sum(xx)""", ""),
    ("pytorch 8626", "x=M(2), z=M(3, 2)", "xx = np.broadcast_to(x, (3, 2))\nreturn np.mean(xx * z) + np.sum(xx[:2] * z[1:])", ""),
    ("pytorch 9145", "x=array([1.5])", "return np.broadcast_to(x, (100,))[0]", ""),
    ("pytorch 4664, 15358", "x=ones((1, 1))", "b = np.broadcast_to(x, (4, 5))\nb += 1.0\nreturn np.sum(b)", ""),
    ("pytorch 188084", "x=M(2, 4)", """
        s = np.stack([x[..., k] for k in range(4)], axis=-1)
        return np.sum(np.take(s, np.array([0, 2]), -1) * np.array([1.0, -1.0]))""", ""),
    ("pytorch xla 1718", "x=M(3, 4), w=M(4, 5)", "y = x @ w\ny[:, :3] = 0.0\nreturn np.sum(y)", ""),
    ("pytorch 197887", "x=M(3, 4), w=M(4, 2)", "x = x.copy()\ny = x @ w\nx += 1.0\nreturn np.sum(y * y) + np.sum(x)", ""),
    ("enzyme.jl 2868", "u=M(2, 2), c=M(2, 2, 2)", """
        s = 0.0
        t = np.empty((2, 2))
        for k in range(2):
            t[...] = c[k]
            t *= u[k]
            s += np.linalg.det(t)
        return s""", ""),
    ("enzyme.jl 1340", "b=M(3), a=M(4, 3), y=M(4)", """
        storage = np.zeros(4)
        np.dot(a, b, out=storage)
        storage[:] = y - storage
        return 0.5 * np.sum(storage ** 2)""", ""),
    ("autograd 58", "x=M(2, 2)", "b = np.zeros((4, 4))\nb[:2, :2] = x\nreturn b.sum()", ""),
    ("zygote 24", "p=1.5", "x = np.array([1.0, 1.0])\nx[1] = p * x[0]\nreturn x[1]", ""),
    ("zygote 148", "w=M(2, 4), x=M(2, 4)", """
        result = []
        for i in range(x.shape[1]):
            h = w[:, i] + x[:, i]
            result.append(h)
        return np.sum(np.stack(result, 1) * x)""", ""),
    # indices that repeat
    ("pytorch 1631", "x=array([0.5])", "return np.sum(x[np.array([0, 0])] * np.array([0.2, 0.3]))", ""),
    ("mxnet 9172", "x=M(2, 2)", "return np.sum(x[np.array([1, 1, 0]), np.array([1, 1, 0])])", ""),
    ("autograd 263", "x=M(3), v=M(4)", """
        a = x * x
        a[np.array([0, 0, 2, 0])] += v
        return np.sum(a * a)""", ""),
    ("chainer 1920", "x=M(3), v=M(4)", """
        a = x * x
        np.add.at(a, np.array([0, 0, 2, 0]), v)
        return np.sum(a * a)""", ""),
    ("autograd 71", "w=M(5, 3)", """
        w = np.concatenate((w, np.ones((5, 1))), axis=1)
        inds = w[:, -1]
        w = w[:, :-1]
        return w[np.int64(inds)].sum()""", ""),
    # joining, dtypes, shapes
    ("autograd 91", "x=M(2, 2)", """
        s = np.vstack([x, x + 1])
        s = np.hstack([s, s * s])
        return np.dot(np.dot(np.ones(4), np.linalg.inv(s)), np.ones(4))""", ""),
    ("autograd 399", "x=array([1.5])", "return np.sum(np.concatenate([[x[0]]]) ** 2)", ""),
    ("autograd 304", "x=array([1.5, 2.5])", "return np.sum(np.array([x[0], x[1] * x[0]], np.float64))", ""),
    ("autograd 163, 671", "x=M(3).astype(np.float32)", "return np.real(np.sum(x ** 2))", ""),
    ("autograd 199", "x=M(3, 2).astype(np.float32)", "return np.sum(np.max(x, 1))", ""),
    ("autograd 147", "x=M(3)", "return np.sum(x.astype(np.float32) * 2)", ""),
    ("autograd 384", "x=M(3)", "return np.sum(np.broadcast_to(x, (4, 3)))", ""),
    ("pytorch 1787", "a=M(1), b=M(5, 4), c=M(4, 1)", "return np.sum(a * b) + np.sum(c * b[:1])", ""),
    ("zygote 916", "w=M(4), x=M(1, 4), y=M(1, 4)", "return np.sum(x.T * (y.T * w))", ""),
    ("pytensor 1192", "x=M(3)", "return np.sum(np.repeat(x, [1, 2, 0]) * np.array([1.0, 3.0, 5.0]))", ""),
    ("tensorflow 18409", "x=M(2, 3)", "return np.sum(np.roll(x, 1, axis=-1) * np.arange(6.0).reshape(2, 3))", ""),
    ("numba 3815, 2270", "x=M(3), y=M(2, 3)", "return np.sum(x, axis=-1) * np.sum(y.sum(1))", ""),
    ("numba 9282", "x=M(2, 2, 3)", "return np.sum(np.add.reduce(x, axis=-1) ** 2)", ""),
    ("numpy 11748", "x=M(100, 2)", "return np.mean(x, axis=0)[0] * np.mean(x[:, 0])", ""),
    # linear algebra
    ("autograd 23", "a=M(2, 2), b=M(2)", "return np.dot(b, np.linalg.solve(a, b))", ""),
    ("pytorch 89761", "a=M(2, 3, 3) + 4.0 * np.eye(3), b=M(3, 2)", "return np.sum(np.linalg.solve(a, b) ** 2)", ""),
    ("jax 1151", "a=M(2, 3, 3) + 4.0 * np.eye(3), b=M(2, 3, 1)", "return np.sum(np.linalg.solve(a, b) ** 2)", ""),
    ("jax 1213", "x=array([[[-0.01]], [[-0.02]]])", "s, l = np.linalg.slogdet(x)\nreturn np.sum(s * l)", ""),
    ("jax 2380", "x=array([[1.0, 2.0], [2.0, 4.0]])", "return np.linalg.det(x)", ""),
    ("jax 2380, rank 1 of 3", "x=ones((3, 3))", "return np.linalg.det(x)", ""),
    ("jax_cosmo 65", "x=zeros((2, 2))", "return np.linalg.det(x) + np.sum(x)", ""),
    ("autograd 56", "x=M(3, 3) + 4.0 * np.eye(3)", "return 2.0 * np.sum(np.log(np.diag(np.linalg.cholesky(x))))", ""),
    ("pytorch 22807", "x=M(3, 3) + 4.0 * np.eye(3)", "w, _ = np.linalg.eigh(x)\nreturn np.sum(np.log(w))", ""),
    ("autograd 527", "x=eye(3)", "w, v = np.linalg.eigh(x)\nreturn np.sum(w ** 3)", ""),
    ("pytorch 47599", "x=eye(3)", "w, v = np.linalg.eigh(x)\nreturn np.sum((v * w) @ v.T * np.arange(9.0).reshape(3, 3))", "any"),
    ("jax 25111", "x=array([[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]])", "return np.sum(np.linalg.pinv(x, rcond=1e-10))", "any"),
    # functions of NumPy
    ("jax 11466", "x=array([-19.0, 7.5]), y=array([3.0, -2.0])", "return np.sum(np.remainder(x, y) + np.fmod(x, y) * np.mod(y, x))", ""),
    ("jax 34139", "x=array([1e-6])", "return np.sum(np.sinc(x))", "[-np.pi ** 2 / 3.0 * 1e-6]"),
    ("jax 1722", "x=array([0.0, 0.5])", "return np.sum(np.sinc(x))", ""),
    ("mlx 2451", "x=array([1.0, 2.0]), y=array([2.0, -3.0])", "return np.sum(np.arctan2(x, y))", ""),
    ("cppad 120", "x=1.0, y=0.0", "return np.arctan2(y, x)", ""),
    ("jax 4882", "x=array([3e200]), y=array([4e200])", "return np.sum(np.hypot(x, y))", "[0.6], [0.8]"),
    ("autograd 447", "x=M(3, 4)", "return np.sum(np.gradient(x)[0] * np.gradient(x)[1])", ""),
    ("autograd 447, along an axis", "x=M(5)", "return np.sum(np.gradient(x, 0.5) ** 2)", ""),
    ("autograd 644", "x=M(5), y=M(3)", """
        return np.sum(np.convolve(x, y) ** 2) + np.sum(np.convolve(x, y, mode='same') ** 3) + np.sum(
            np.convolve(x, y, 'valid'))""", ""),
    ("autograd 193", "x=array([0.5, 1.7, 5.0]), p=array([0.0, 1.0, 3.0]), v=M(3)", "return np.sum(np.interp(x, p, v) ** 2)", ""),
    ("pytorch 46814", "x=M(3, 3)", "return np.median(np.diagonal(x)) * np.median(np.diagonal(x).copy())", ""),
    ("pytorch 1837", "x=M(4, 4)", "return np.sum(np.median(x, axis=0) ** 2)", ""),
    ("paddle 42385", "x=array([np.nan, 2.0, 3.5, 2.5, 3.0])", "return np.nanmedian(x[1:]) ** 2", ""),
    ("jax 8126", "x=array([1.0, 2.0, 4.0, 7.0])", """
        y = np.where(np.arange(4) == 1, np.nan, x)
        return np.nanvar(y) + np.nanstd(y) + np.nanmean(y) * np.nansum(y)""", ""),
    # loops, names that are used again
    ("autodiff 32", "a=1.5", "a = a - 2 * a\na = a + 2 * a\na = a - a * a\nreturn a", ""),
    ("warp 174", "x=1.25", "a = x\nfor i in range(5):\n    a = a * x + np.sin(a)\nreturn a", ""),
    ("tangent 66", "a=array([1.0, 2.0, 3.0, 4.0])", """
        result = 0.0
        largest = a[0]
        n = len(a)
        for i in range(1, n):
            if a[i] > largest:
                largest = a[i]
        for i in range(n):
            result += np.exp(a[i] - largest)
        return np.log(result) + largest""", ""),
    ("tangent 56", "x=M(2, 2, 3)", "for f in range(np.shape(x)[2]):\n    r = x[:, :, f]\nreturn np.sum(r * r)", ""),
    ("tangent 69", "d=M(4)", """
        n = 4
        s = np.zeros((n, n))
        for i in range(n):
            s[i, 2] = 1.
            if i == 2:
                s[i, i] += d[i]
        return np.sum(s * s)""", ""),
    ("tangent 31", "x=M(3, 4)", """
        total = 0
        rows, cols = x.shape
        for i in np.arange(rows):
            for j in np.arange(i, cols):
                total = total + x[i, j] ** 2
        return total""", ""),
    ("tangent 58", "x=M(3)", """
        elem = -1
        for r, xxx in enumerate(x):
            elem = r * xxx
        return elem""", ""),
    ("tangent 64", "w=1.5, h=2.5, e=0.75", """
        out = w / h * (h * (1.0 - e) + w * e)
        power = w * e * (h - w) * 1.25
        out += w / h * e
        power += w * e * (out - h) * 1.25
        return power""", ""),
]

REPORTS = {source: Program(source, arguments, text, expected) for source, arguments, text, expected in ROWS}
