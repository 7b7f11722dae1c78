"""What programs drawn at random have found, made small: each is to be right, or refused.

>>> sorted(FOUND)[0]
'a branch of an opaque condition'
"""

FOUND: dict[str, tuple[str, str]] = {
    "a diagonal that is filled with a row of its own matrix": ("refused", """
        np.fill_diagonal(m, m[0][::-1])
        return np.sum(x) + np.sum(m)"""),
    "a diagonal that is filled with what may be a view": ("refused", """
        np.fill_diagonal(m, np.ravel(m.T)[len(x) - 1::-1])
        return np.sum(m * m)"""),
    "ldexp of a number of Python's": ("right", """
        return np.ldexp(math.tanh(p), 2) * p + np.sum(np.ldexp(x, k))"""),
    "put from what may be a view": ("refused", """
        np.put(m, [1, 2], m.T.reshape(-1)[:2])
        return np.sum(m[0])"""),
    "a diagonal that is filled with a copy": ("right", """
        np.fill_diagonal(m, m.flatten()[len(x) - 1::-1])
        return np.sum(m * m)"""),
    "an array of arrays beside a list that a loop fills": ("right", """
        last = [r for r in m][-1]
        return np.sum(m * np.sum([x, y], axis=0)) + np.sum(last * last)"""),
    "parts of a list that a loop fills": ("right", """
        nums = [z * z for z in x]
        part, turned = nums[1:], nums[::-2]
        p = p + sum(part) + turned[0] * turned[1] + sum(part[:-1]) * part[-1]
        for at in range(2):
            p = p + sum(nums[at:]) * nums[at] + sum(nums[5:])
        return p"""),
    "a part of a list is a list": ("right", """
        nums = [z * z for z in x]
        part = nums[1:]
        part[0] = p * 3.0
        part.append(x[0])
        part.reverse()
        nums[1] = x[2]
        return sum(part) + part[0] * 2.0 + part.pop() * part[0] + sum(nums)"""),
    "rows of a part of a list": ("right", """
        rows = [x * z for z in x]
        return np.sum(rows[1:][0] * rows[::-1][0]) + np.sum(np.array(rows[1:]) * y)"""),
    "a row of a part of a list is one of the list": ("refused", """
        rows = [x * z for z in x]
        part = rows[1:]
        part[0][0] = p
        return np.sum(rows[1]) + part[0][0]"""),
    "bound in a loop, and not in its last iteration": ("right", """
        for at in range(len(x)):
            if at == 1:
                low, high = x[at], p * x[at]
            if at == 2:
                low = low * high
        return low * high + p"""),
    "bound in a loop in a loop that does not run last": ("right", """
        for at in range(len(x)):
            for k in range(2 - at):
                last = x[k] * p * (at + 1)
        return last * last"""),
    "bound in a loop and written into later": ("right", """
        for at in range(len(x)):
            if at < 2:
                row = x * (at + 1)
            x = x * 0.5
            row[at] = p
        return np.sum(row * row)"""),
    "bound by a test that is not always asked": ("right", """
        at, z = 0, p
        while at < k and (last := z * p) > -5.0:
            z = z * last
            at += 1
        nums = [p, 0.5]
        while nums and (half := nums.pop()):
            p = p * 1.5
        return z + last * half"""),
    "not bound in any iteration": ("raises", """
        for z in x:
            if z > 9.0:
                last = z * p
        return last"""),
    "an item of a list that has become empty, not read": ("raises", """
        nums = []
        for z in x:
            if z > 9.0:
                nums.append(z)
        last = nums[-1]
        return p"""),
    "an item of a list by a place beyond it, not read": ("raises", """
        rows = []
        for z in x:
            rows.append(x * z)
        for z in rows:
            p = p * 0.5
        last = rows[k + 5]
        return p"""),
    "the truth of what is not known": ("refused", """
        m[-1] = math.frexp(p)[0] or 0.4
        return np.sum(m)"""),
    "a branch of an opaque condition": ("right", """
        z = math.frexp(0.3)[0]
        if z and x[0] < 9.0:
            p = p * 2.0
        return p"""),
    "a number or a list as a condition": ("right", """
        while p < 9.0 and [p]:
            p = p * p + 4.0
            if p > 100.0 or TABLE:
                break
        assert p or TABLE
        return p + np.sum(x) if not (x[0] and {}) else p"""),
    "flat from its own memory": ("refused", """
        m.flat[:] = m.T
        return np.sum(m[0])"""),
    "flat as a whole from its own memory": ("refused", """
        m.flat = m.T
        return np.sum(m[0])"""),
    "put from its own memory": ("refused", """
        np.put(m, [1, 2], m[0, :2])
        return np.sum(m[0])"""),
    "flat from a copy": ("right", """
        m.flat[:] = m.T * 1.0
        m.flat[0] = m[1, 1]
        return np.sum(m[0] * x)"""),
    "text is too short": ("right", """
        if p > 9.0:
            p = 'ab'[7]
        return p * TABLE[1]"""),
    "an item that is not there": ("raises", """
        rows = [x, y]
        if p < 9.0:
            p = rows[2][0]
        return p"""),
    "an item that would not be there": ("right", """
        rows = (x, y)
        return np.sum(x if p < 9.0 else rows[3])"""),
    "a store behind an item that is not there": ("raises", """
        rows = []
        table = {'w': rows[-1], 'b': sum(x)}
        return np.sum(x)"""),
    "a loop with stores behind an error": ("raises", """
        rows, u = [], x * 1.0
        table = [rows[0], [u.fill(z) for z in x], u]
        return np.sum(u)"""),
    "a store behind an error in an arm that is not taken": ("right", """
        rows = []
        for z in x:
            if z > 9.0:
                table = [rows[0], sum(x)]
            p = p + z * z
        return p * np.sum(x)"""),
    "a key that is not there": ("raises", """
        if p < 9.0:
            p = q['c'][0]
        return p"""),
    "a list is not repeated a float times": ("right", """
        if p > 9.0:
            p = sum([p, 0.3] * 0.5)
        return p"""),
    "a constant in a turned matrix": ("right", """
        with no_grad():
            m.T[1] = (p) * 1.0
        return np.sum(m * m)"""),
    "a constant in a turned and reversed one": ("right", """
        with no_grad():
            m.T[::-1][1] = (x) * 1.0
        return np.sum(m * m)"""),
    "a constant in a part of a reshaped one": ("right", """
        with no_grad():
            m.reshape(-1)[2:][::2] = (p) * 1.0
        return np.sum(m * m)"""),
    "a constant in flat of a turned one": ("right", """
        with no_grad():
            m.T.flat[2] = (p) * 1.0
        return np.sum(m * m)"""),
    "a row in a column": ("refused", """
        m[:, 2] = m[1]
        return np.sum(m)"""),
    "a row in a column, turned": ("refused", """
        u = m[1]
        m.T[2] = u
        return np.sum(m)"""),
    "a row in a column, copied": ("refused", """
        np.copyto(m[1], m[:, 2])
        return np.sum(m)"""),
    "the same steps, or none in common": ("right", """
        m[2], m[:, 0], m[0, ::-1], m[0, 1:] = m[1], m[:, 1], m[0], m[0, :-1]
        m.T[1], m[0] = m.T[2], m[:, 1]
        for i in range(len(m)):
            m[i, i + 1:] = m[i + 1:, i]
            m[i, :i] = m[:i, i]
        return np.sum(m * m)"""),
    "interpolated, or a number": ("right", """
        m[-1] = np.interp(2, [1.0, 2.0, 3.0], x[:3]) or 0.4
        return np.sum(m)"""),
    "np.dot into what has gaps": ("raises", """
        np.dot(m, x, out=m[:, 1])
        return np.sum(m)"""),
    "np.dot into what has none": ("right", """
        u = np.empty(len(x))
        np.dot(m, x, out=u)
        np.dot(m, u, y)
        return np.sum(y * u)"""),
    "any and all are truth values": ("right", """
        p = p + any(x) + all(x) + any(z for z in x) * y[0] + all(z for z in x) * y[1] + all(map(math.sin, x))
        return p * (any(x > -9.0) + any(x > -8.0)) + (any(z > -9.0 for z in x) + any(z > -8.0 for z in x)) * y[2]"""),
    "any of no items": ("right", """
        return p * any(x[:0]) + y[0] * all(x[:0]) + y[1] * any(z for z in x[:0]) + y[2] * all(z for z in x[:0])"""),
    "numbers without end": ("right", """
        for at, z in zip(itertools.count(2), x):
            p = p + at * z
        return p + sum(g * h for g, h in zip(y, itertools.count())) + sum(itertools.repeat(p, 3))"""),
    "items that go round": ("refused", """
        return sum(g * h for g, h in zip(itertools.cycle([1.0, -0.5]), x)) * p"""),
    "small numbers that wrap": ("right", """
        u = np.array([250, 3, 7, 128], np.uint8)
        p = p * np.sum(u, dtype=np.uint8) + np.prod(u, dtype=np.int16) * x[0] + np.average(u, weights=u) * x[1]
        return p + np.sum(np.gradient(u) * y) + np.sum(np.gradient(x, u))"""),
    "the mean as a whole number": ("refused", """
        return p * np.mean(np.array([1, 2, 4]), dtype=int)"""),
    "keys that move in one arm": ("refused", """
        if p > 0.1:
            q["a"] = q.pop("a")
        return np.sum(q["a"])"""),
    "bound in the first iteration, and changed in each": ("right", """
        for at in range(len(x)):
            if at == 0:
                last, row, nums, table = p, x * p, [p, x[0]], {"a": p, "b": [x[1]]}
            last = last * x[at]
            row += x[at]
            row = row * p
            row[at] = last
            nums[0] = nums[0] * p + last
            table["b"][0] = table["b"][0] * p
            table["a"] += table["b"][0]
            p = p + nums[0]
        return last + np.sum(row * row) + nums[0] * nums[1] + table["a"]"""),
    "bound in a loop in a loop, and changed around it": ("right", """
        for at in range(2):
            for i in range(2):
                if at == 0 and i == 0:
                    nums = [p, x[0]]
                nums[i] = nums[i] * p
            for i in range(1 - at):
                row = x * p
            nums[0] = nums[0] + x[1]
            row[at] = nums[1]
        return nums[0] * nums[1] + np.sum(row * row)"""),
    "bound to a name in an iteration, and written into by the other name": ("refused", """
        u = x * 1.0
        for at in range(3):
            if at == 0:
                last = u
            p = p + last[0]
            u[0] = p
        return p"""),
    "bound to a list in an iteration, and written into by the other name": ("refused", """
        nums = [p]
        for at in range(3):
            if at == 0:
                last = nums
            p = p + last[0]
            nums[0] = p * 1.5
        return p"""),
    "bound in a loop that need not run to a list that becomes shorter": ("refused", """
        while TABLE:
            TABLE.pop()
            for z in itertools.chain(TABLE):
                last = TABLE
                p = p + z * 0.5
        return p + len(last)"""),
    "a list that is not bound is written into": ("raises", """
        for at in range(3):
            if p > 9.0:
                nums = [p]
            nums[0] = 1.0
        return p"""),
    "a dict that is not bound is written into": ("raises", """
        if p > 9.0:
            table = {"a": p}
        table["a"] = 2.0
        return p"""),
    "deleted in a branch": ("raises", """
        for at in range(3):
            if at == 0:
                last = p
            if at == 2:
                del last
        return last"""),
    "deleted, and read in the next iteration": ("raises", """
        for at in range(3):
            if at == 0:
                last = p
            p = p + last
            del last
        return p"""),
    "a sum that begins as an int in an iteration": ("right", """
        total = np.sum(x) * 1.0
        for at in range(3):
            if at == 0:
                total, other = 0, 0
            total += x[at] * p
            other += x[at]
        return total * other"""),
    "an int that is reversed in a loop, not needed": ("raises", """
        z = 0
        for w in x:
            z = reversed(z)
        return p"""),
    "an item beyond a list that a loop shortens, not needed": ("raises", """
        z = [1.0]
        for w in x:
            z = z[3]
        return p"""),
    "a loop that would raise, and does not run": ("right", """
        z = [1.0]
        for w in x[:0]:
            z = z[3]
        return p * z[0]"""),
    "convolved with a list": ("right", """
        return np.convolve(x, [0.5, 0.3])[1] * p"""),
    "a view that cannot be written into, of one arm": ("raises", """
        u = np.diag(m) if p < 9.0 else x * 1.0
        u[0] = 1.0
        return np.sum(u * x) * p"""),
    "the same bound in a loop": ("raises", """
        for z in x:
            u = np.diag(m * z)
        u[:-1] = 0.5
        return np.sum(x * x) * p"""),
    "the same handed on by a loop": ("raises", """
        u = np.broadcast_to(p, (len(x),))
        for z in x:
            u[1] = z
            u = u * x
        return np.sum(u * x) * p"""),
    "the same, which is copied in both arms": ("right", """
        u = np.diag(m)
        u = u * 1.0 if p > 0.0 else u.copy()
        u[0] = x[1]
        return np.sum(u * x) * p"""),
    "a loop that writes and always raises": ("raises", """
        a = x * 1.0
        while a[0] < 9.0:
            a[0] = 2.0
            raise ValueError(p)
        return np.sum(a * x) * p"""),
    "the same, of which nothing runs": ("right", """
        a = x * p
        while a[0] > 9.0:
            a[0] = 2.0
            raise ValueError(p)
        return np.sum(a * x) * p"""),
    "the same inside of a try": ("right", """
        a = x * p
        try:
            while a[0] > 9.0:
                a[0] = 2.0
                raise ValueError(p)
        finally:
            a[1] = a[0] * 2.0
        return np.sum(a * x) * p"""),
    "an item beyond a list that grows, not needed": ("raises", """
        rows, s = [x * z for z in x], 0.0
        rows.append(x)
        for at in range(k + 9):
            s += np.sum(rows[at])
        return np.sum(x * x) * p"""),
    "an item of another list in the loop of a longer one": ("raises", """
        rows, other, s = [], [], 0.0
        for z in x:
            rows.append(x * z)
        for z in x[1:]:
            other.append(x * z)
        for at in range(len(rows)):
            s += np.sum(other[at])
        return np.sum(x * x) * p"""),
    "a length that is not there": ("raises", """
        a = x.shape[k]
        return np.sum(x * x) * p"""),
    "an item of nothing, in a loop that does not run": ("right", """
        nothing, s = x[:0], p * p
        for z in nothing:
            s += nothing[-1] * x[0] + nothing[0]
            nothing[0] = s
        return s * x[0]"""),
    "an index too many, in an arm that is not taken": ("right", """
        s = p * p
        if k > 5:
            s += x[0, k]
            x[0, 1] = s
        return s * x[0]"""),
    "an item of nothing": ("raises", """
        nothing, s = x[:0], p * p
        for at in range(k):
            s += nothing[-1]
        return s * x[0]"""),
    "floats added in place to a part of whole numbers": ("raises", """
        a = np.arange(len(x))
        a[0:] += 0.5
        return np.sum(a * x) * p"""),
    "the same of those that a mask picks": ("raises", """
        a = np.arange(len(x))
        a[a > 0] *= 0.5
        return np.sum(x) * p"""),
    "and of one element, which is cut off": ("right", """
        a = np.arange(len(x))
        a[1] += 0.5
        a[2] /= 2
        return np.sum(a * x) * p"""),
    "a store into what is not bound, behind a sum that its loop undoes": ("raises", """
        s = sum(g for r in m for g in r if g > 0.1)
        for j in range(len(x)):
            if j == 7:
                u = np.dot(m, np.zeros(len(x)), out=np.empty(len(x)))
        u[-1] = 0.5
        return s * p + np.sum(u) + np.sum(m * m)"""),
}
"""What is wanted of the function `f(x, y, m, p, q, k)` that has these statements."""
