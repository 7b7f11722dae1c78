"""Text made of values: f-strings and formatting.  It is shown, never differentiated."""

from __future__ import annotations

from typing import Any

import gast

from ad_compiler.ir import Const
from ad_compiler.kinds import Obj
from ad_compiler.read.abstract import Abstract, to_arg
from ad_compiler.read.base import Reader


class Strings(Reader):
    """Reads text with values in it."""

    def expr_JoinedStr(self, node: Any) -> Abstract:
        template = ""
        args: list[Abstract] = []
        for part in node.values:
            text, values = self._format_part(part)
            template, args = template + text, args + values
        if not args:
            return Const(template.format())
        return self.formatted(str.format, [Const(template), *args])

    def _format_part(self, part: Any) -> tuple[str, list[Abstract]]:
        if isinstance(part, gast.Constant):
            return part.value.replace("{", "{{").replace("}", "}}"), []
        conversion = "" if part.conversion in (-1, None) else "!" + chr(part.conversion)
        spec, values = "", [self.lifter.expressions.read(part.value)]
        if part.format_spec is not None:
            for inner in part.format_spec.values:
                text, more = self._format_part(inner)
                spec, values = spec + text, values + more
        return "{" + conversion + (":" + spec if spec else "") + "}", values

    def formatted(self, fn: Any, args: list[Abstract]) -> Abstract:
        """Text made of values: never differentiated."""
        (result,) = self.lifter.emit(fn, tuple(to_arg(self.lifter.memory.fresh(a)) for a in args), {}, [Obj("str")])
        return result
