"""NumPy's pages on indexing and broadcasting: each index read, written, added to, and out of bounds."""

from collections.abc import Iterator

from tests.semantics.arrays import Program

INDICES = {
    "M(5)": """0; -1; 4; 5; -6; 1:3; :; ::2; ::-1; 3:1; 1:-1; -2:; 10:; :10; 4:0:-2; ...; None; None, 1:3; ..., None; np.int64(2); np.array(2)
        [0, 2]; [-1, 0, 0]; []; np.array([1, 3]); np.array([[0, 1], [4, 4]]); np.array([], dtype=int); [True, False, True, False, True]
        x > 0.5; x > 9.0; ~(x > 0.5); (x > 0.5) & (x < 1.0); np.arange(5) % 2 == 0; np.array([True, False]); slice(1, 4); slice(None, None, 2); (2,)
        (slice(1, 3),); np.argsort(x); np.argmax(x); np.flatnonzero(x > 0.5); np.where(x > 0.5); np.nonzero(x > 0.5)[0]; True; False; np.array([5]); 1.0
        [0, 1], [0, 1]; 0, 0; np.arange(5)[::-1]; np.uint8(3); np.int32(-1); len(x) - 1; x.size // 2; np.True_""",
    "M(3, 4)": """0; -1; 1, 2; 1, -1; (1, 2); 0, :; :, 1; ..., 0; 0, ...; 1:, :2; ::2, ::-1; :, None, 1; None; None, ..., None; :, [0, 2]; [0, 2]
        [0, 2], [1, 3]; [0, 2], 1; 1, [0, 2]; [[0], [2]], [1, 3]; np.ix_([0, 2], [1, 3]); x > 0.5; x[:, 0] > 0.0; :, x[0] > 0.5; x[:, 0] > 0.0, 1
        x[:, 0] > 0.0, x[:, 1] > 9.0; 1:, [0, 0]; [0, 0], 1:; [True, False, True]; [True, False, True], [0, 1]; np.array([0, 1]), slice(1, 3); 3; 0, 4; -4
        0, 0, 0; (slice(None), 1); np.array([[0, 1], [2, 2]]); np.where(x > 0.5); np.diag_indices(3); np.arange(3), np.arange(3); np.arange(3), np.argmax(x, axis=1)
        ..., [1, 1]; 1, None, 2; np.array(1), np.array(2); np.array(1), :; np.triu_indices(3); slice(0, 2), slice(1, None, 2); [], []; :0, :; 2:1; np.nonzero(x > 1.0)
        tuple([1, 2]); *[1, 2],; [1, 2, 0]; :, ::-1; ::-1, 0; [[True, False, True, False]] * 3""",
    "M(2, 3, 4)": """0; 0, 1; 0, 1, 2; ..., 1; :, 1; 0, ..., 1; :, :, ::-2; :, [0, 2]; :, [0, 2], 1; 0, [0, 2], :; 0, :, [0, 2]; [0, 1], :, [0, 2]
        [0, 1], 1, :; :, [[0, 1], [2, 0]]; ..., [0, 1], [1, 1]; [0, 1], ..., 0; x > 0.5; x[:, :, 0] > 0.5; :, x[0, :, 0] > 0.0; x[:, 0, 0] > -9.0, :, 1; None, 0, :, None
        [[0], [1]], :, [[0, 1]]; np.array([0, 1])[:, None], np.array([0, 2]); :, np.array([0, 1]), np.array([1, 3]); 1, None, [0, 1]; [0, 0], None, [1, 2]; ..., None, 0
        slice(None), 1, slice(1, 3); np.ix_([0, 1], [0], [1, 2]); 0, 3; ..., 4; 0, 0, 0, 0; [1, 0], [2, 1], [3, 0]""",
}

WRITTEN = {
    "read": "return x[{i}]",
    "read and used again": "y = x[{i}]\nreturn y * y + np.sum(x)",
    "a number stored": "y = x * 1.0\ny[{j}] = 0.25\nreturn y",
    "a value stored": "y = x * 1.0\ny[{j}] = np.sum(x) * 0.5\nreturn y",
    "what it was, squared": "y = x * 1.0\ny[{j}] = y[{j}] ** 2\nreturn y",
    "added to": "y = x * 1.0\ny[{j}] += 1.5\nreturn y",
    "multiplied": "y = x * 1.0\ny[{j}] *= y[{j}]\nreturn y",
    "add.at": "y = x * 1.0\nnp.add.at(y, ({j}), 0.5 * np.sum(x))\nreturn y",
    "stored, read elsewhere": "y = x * 1.0\nz = y[::-1]\ny[{j}] = 2.0\nreturn z * y",
    "set and got": "y = x * 1.0\ny.__setitem__(({j}), 3.0)\nreturn y.__getitem__(({j})) * np.sum(x)",
}

BROADCAST = ("x=M(3), y=M(2, 3)", "x=M(2, 1), y=M(3)", "x=M(2, 1, 3), y=M(4, 1)", "x=M(1), y=M(3)", "x=M(0), y=M(1)", "x=M(3), y=M(4)",
             "x=M(), y=M(2, 2)", "x=M(2, 3), y=M(2)", "x=M(1, 1), y=M()", "x=2.0, y=M(2)", "x=M(3, 1), y=M(1, 0)", "x=M(8, 1, 2, 1), y=M(3, 1, 2)")
STATEMENTS = {
    "plus": "return x + y", "minus": "return x - y", "times": "return x * y", "over": "return x / y", "larger": "return np.maximum(x, y)",
    "chosen": "return np.where(x > y, x, y)", "added in place": "z = x * 1.0\nz += y\nreturn z", "other in place": "z = y * 1.0\nz *= x\nreturn z",
    "stored": "z = np.zeros(np.shape(y))\nz[...] = x\nreturn z * y", "stored over": "z = y * 1.0\nz[:] = x\nreturn z", "compared": "return (x < y) * x",
    "broadcast_to": "return np.broadcast_to(x, np.shape(y)) * y", "arrays": "a, b = np.broadcast_arrays(x, y)\nreturn a * b",
    "shapes": "return np.zeros(np.broadcast_shapes(np.shape(x), np.shape(y))) + x * y", "stacked": "return np.stack(np.broadcast_arrays(x, y))",
    "power": "return np.abs(x) ** y", "added twice": "return x + y + x", "a chain": "return (x - y) / (1.0 + x * x) - y",
}


def parts(text: str) -> list[str]:
    """The indices of a table: one on each line, or several with `;` between."""
    return [part.strip() for line in text.split("\n") for part in line.split(";") if part.strip()]


def as_object(index: str) -> str:
    """An index as a function is given it: slices in words."""
    words = []
    for part in split(index):
        bounds = part.split(":") if ":" in part and "[" not in part else []
        words.append(f"slice({', '.join(b.strip() or 'None' for b in bounds)})" if bounds else part)
    return ", ".join(words)


def split(index: str) -> list[str]:
    """The parts of an index, at the commas outside of brackets."""
    found, depth = [""], 0
    for letter in index:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()] + ([""] if index.endswith(",") else [])


def indexing() -> Iterator[Program]:
    for made, indices in INDICES.items():
        for index in parts(indices):
            for name, text in WRITTEN.items():
                i = index.replace("x", "y") if "y[{j}]" in text and "ix_" not in index and "argmax" not in index else index
                if "({j})" in text:
                    i = as_object(i)
                yield Program(f"{made}[{index}] {name}", f"x={made}", text.format(i=index, j=i))
    for made in BROADCAST:
        for name, text in STATEMENTS.items():
            yield Program(f"{made} {name}", made, text)


INDEXING = {program.name: program for program in indexing()}
