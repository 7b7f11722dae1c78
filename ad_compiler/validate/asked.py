"""What is asked of a text that a transform has made: the property that defines the transform."""

from __future__ import annotations

import inspect
from typing import Any

from ad_compiler.derivative import Derivative
from ad_compiler.spec import Spec
from ad_compiler.validate.by_sample import VmapQuestion
from ad_compiler.validate.questions import (
    GradQuestion,
    JacobianQuestion,
    JvpQuestion,
    LinearizeQuestion,
    ProductsQuestion,
    Question,
    VjpQuestion,
)

QUESTIONS: dict[str, type[Question]] = {"grad": GradQuestion, "jacobian": JacobianQuestion, "vjp": VjpQuestion,
                                        "jvp": JvpQuestion, "linearize": LinearizeQuestion,
                                        "products": ProductsQuestion, "vmap": VmapQuestion}
"""What is asked for each transform, a file of `transforms/`."""


def question_of(compiled: Derivative, spec: Spec, signature: inspect.Signature, args: tuple[Any, ...],
                call: inspect.BoundArguments) -> Question:
    """What is to be asked of a text, and at which call."""
    return QUESTIONS[spec.transform](compiled, spec, signature, args, call)
