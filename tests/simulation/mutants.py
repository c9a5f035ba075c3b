"""Ways of breaking a module on purpose: every guard of it removed or turned round, one at a time."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_FLIPPED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
_SHIFTED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Pow: ast.Mult,
}
GUARDS: Final = frozenset({"condition", "comparison", "boundary", "operand", "negation"})
"""The kinds that count as removing a guard; the others break what is done and not whether."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken version of a module.

    Attributes:
        kind: What was done: one of GUARDS, or ``arithmetic``, ``number``, ``statement``.
        before: The source of the place.
        after: The source of what stands there instead.
        tree: The whole broken module.
    """

    module: str
    line: int
    kind: str
    before: str
    after: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Module, line and change on one line."""
        return f"{self.module.rpartition('.')[2]}.py:{self.line} [{self.kind}] {_short(self.before)}  ->  {self.after}"


@dataclass(frozen=True, slots=True)
class _Change:
    """A place in a tree, by the path of fields to it, and what to put there."""

    kind: str
    path: tuple[tuple[str, int | None], ...]
    line: int
    before: str
    replacement: ast.AST


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of the source."""
    tree = ast.parse(source)
    for change in _changes(tree, ()):
        broken = copy.deepcopy(tree)
        _replace(broken, change)
        ast.fix_missing_locations(broken)
        after = "(nothing)" if isinstance(change.replacement, ast.Pass) else _short(ast.unparse(change.replacement))
        yield Mutant(module, change.line, change.kind, change.before, after, broken)


def _changes(node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> Iterator[_Change]:
    if isinstance(node, ast.Assert | ast.AnnAssign | ast.Import | ast.ImportFrom):
        return
    for field, value in ast.iter_fields(node):
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in items:
            if isinstance(child, ast.AST) and field not in {"annotation", "returns", "decorator_list"}:
                here = (*path, (field, index))
                for kind, replacement in _replacements(node, field, child):
                    line = getattr(child, "lineno", 0)
                    yield _Change(kind, here, line, ast.unparse(child), replacement)
                yield from _changes(child, here)


def _replacements(parent: ast.AST, field: str, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    is_condition = (field == "test" and isinstance(parent, ast.If | ast.IfExp | ast.While)) or (
        field == "ifs" and isinstance(parent, ast.comprehension)
    )
    if is_condition:
        yield "condition", ast.Constant(value=False)
        if not isinstance(parent, ast.While):
            yield "condition", ast.Constant(value=True)
    yield from _of_expression(node, field)
    match node:
        case ast.AugAssign() | ast.Continue():
            yield "statement", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield "statement", ast.Pass()
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()):
            yield "statement", ast.Pass()


def _of_expression(node: ast.AST, field: str) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[operator]):
            yield "comparison", _with_operator(node, _FLIPPED[type(operator)])
            if type(operator) in _SHIFTED:
                yield "boundary", _with_operator(node, _SHIFTED[type(operator)])
        case ast.BoolOp(values=values):
            for index in range(len(values)):
                left = [value for number, value in enumerate(values) if number != index]
                yield "operand", left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "negation", operand
        case ast.BinOp(op=operator) if type(operator) in _ARITHMETIC:
            yield "arithmetic", ast.BinOp(node.left, _ARITHMETIC[type(operator)](), node.right)
        case ast.Constant(value=int(value)) if not isinstance(value, bool) and field != "slice":
            yield "number", ast.Constant(value=value + 1)


def _with_operator(node: ast.Compare, operator: Callable[[], ast.cmpop]) -> ast.Compare:
    return ast.Compare(node.left, [operator()], node.comparators)


def _replace(tree: ast.Module, change: _Change) -> None:
    node: ast.AST = tree
    for field, index in change.path[:-1]:
        value = getattr(node, field)
        node = value if index is None else value[index]
    field, index = change.path[-1]
    replacement = copy.deepcopy(change.replacement)
    if index is None:
        setattr(node, field, replacement)
    else:
        getattr(node, field)[index] = replacement


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 110 else text[:107] + "..."
