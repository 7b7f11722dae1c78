"""NumPy's page on copies and views: each way to a view or a copy, written on one side and read on the other."""

from collections.abc import Iterator

from tests.semantics.arrays import Program

VIEWS_OF = """
    y[:]; y[...]; y[1:]; y[:, 1:]; y[::-1]; y[:, ::-1]; y[::2, ::2]; y[0]; y[-1]; y[:, 1]; y[None]; y[..., None]; y.T; y.transpose(); np.transpose(y)
    y.swapaxes(0, 1); np.moveaxis(y, 0, 1); np.rollaxis(y, 1); y.reshape(-1); y.reshape(3, 2); y.reshape(1, 6); np.reshape(y, (6,)); y.ravel(); np.ravel(y)
    y.view(); np.asarray(y); np.asanyarray(y); np.ascontiguousarray(y); np.atleast_2d(y); np.atleast_3d(y); np.squeeze(y[None]); np.expand_dims(y, 0)
    np.flip(y); np.fliplr(y); np.flipud(y); np.rot90(y); y.T[1:]; y[1:].T; y.T.reshape(-1); y.T.ravel(); y[:, ::-1].reshape(-1); y.reshape(-1)[::2]; y[::-1][0]
    np.broadcast_to(y, (2, 3)); np.broadcast_to(y[0], (2, 3)); np.diagonal(y); np.diag(y); y.diagonal(); np.split(y, 2)[0]; np.array_split(y, 2, axis=1)[1]
    np.hsplit(y, 3)[1]; list(y)[0]; tuple(y)[1]; np.einsum('ij->ji', y); np.einsum('ii->i', y[:, :2]); y.real; y.flat; y.mT; np.matrix_transpose(y); (y if True else 0)
    y.copy(); np.copy(y); np.array(y); np.array(y, copy=False); y.flatten(); y + 0.0; +y; y[[0, 1]]; y[y > -9.0]; np.take(y, [0, 1], 0); y.astype(float)
    y.astype(float, copy=False); np.concatenate([y]); np.stack([y])[0]; np.where(True, y, 0.0); np.sort(y); np.roll(y, 0); np.repeat(y, 1, 0); np.tile(y, 1)
    np.array([y])[0]; np.vstack([y]); np.clip(y, -9.0, 9.0); np.abs(y); np.positive(y); np.maximum(y, -9.0); np.minimum(y, 9.0); np.asfortranarray(y); np.unstack(y)[0]
"""

WAYS = {
    "the view, by an index": "v[0] = 2.5", "the view, everywhere": "v[...] = 1.5", "the view, in place": "v *= 3.0", "the view, by a ufunc": "np.add(v, 1.0, out=v)",
    "the view, filled": "v.fill(0.25)", "the view, by its square": "v[...] = v * v", "the view, by add.at": "np.add.at(v, 0, 1.25)",
    "the view, sorted": "v.sort()", "the view, by a mask": "v[v > 0.5] = 0.125", "the view, by copyto": "np.copyto(v, 0.75)", "the view, by what depends": "v += np.sum(x)",
    "the array, by an index": "y[0] = 2.5", "the array, a column": "y[:, 1] = x[0, 0]", "the array, in place": "y *= y", "the array, filled": "y.fill(1.25)",
    "the array, by a mask": "y[y > 0.5] = 0.125", "a view of the view": "w = v[:1]\nw *= 2.0",
}

READ = {"both": "return np.sum(y * y) + np.sum(v * v * v)", "the array": "return y * y", "the view": "return v * v"}


def views() -> Iterator[Program]:
    for view in (part.strip() for line in VIEWS_OF.split("\n") for part in line.split("; ")):
        for way, text in WAYS.items() if view else ():
            for read, last in READ.items():
                yield Program(f"{view}: {way}; read: {read}", "x=M(2, 3)", f"y = x * 1.0\nv = {view}\n{text}\n{last}")


VIEWS = {program.name: program for program in views()}
