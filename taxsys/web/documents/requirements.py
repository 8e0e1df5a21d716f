"""要件の網羅表: which tests carry which requirement number, read from the tests' source, without running them."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

TESTS = Path(settings.BASE_DIR) / "tests"
_NUMBER = re.compile(r"([A-Z]+)-(\d+)")


def marked_tests(folder: Path = TESTS) -> Mapping[str, list[str]]:
    """Requirement number → `file::test` of every test marked `req(...)`, in order of number."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = _module_marks(tree)
        for test in _tests(tree):
            for number in dict.fromkeys([*module, *_marks(test)]):
                found.setdefault(number, []).append(f"{path.relative_to(folder.parent)}::{test.name}")
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0])))


def _order(number: str) -> tuple[str, int]:
    match = _NUMBER.fullmatch(number)
    return (match[1], int(match[2])) if match else (number, 0)


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _marks(test: ast.FunctionDef) -> list[str]:
    return [number for decorator in test.decorator_list for number in _numbers(decorator)]


def _module_marks(tree: ast.Module) -> list[str]:
    """Numbers of `pytestmark = …`, which hold for every test of the module."""
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    return [number for value in values for call in ast.walk(value) for number in _numbers(call)]


def _numbers(node: ast.AST) -> list[str]:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "req"):
        return []
    return [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
