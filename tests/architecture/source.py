"""Walks over the house's files, and the rules about them: each a function text → findings, so that it can be proved."""

import ast
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "taxsys", "addressbook", "collection", "assessment", "delinquency", "certificates", "eltax_bridge", "intermediary",
)  # fmt: skip
MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 450
Rule = Callable[[str], list[str]]


def python_files(*folders: str, skip_migrations: bool = True) -> Iterator[Path]:
    """Python files under the named folders (all packages by default)."""
    for folder in folders or PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if skip_migrations and "migrations" in path.parts:
                continue
            yield path


def rules_files() -> Iterator[Path]:
    """The pure calculations: every `rules` package or module of a duty."""
    for path in python_files(*[package for package in PACKAGES if package != "taxsys"]):
        parts = path.relative_to(ROOT).parts
        if "rules" in parts[:-1] or path.name == "rules.py":
            yield path


def tracked_files() -> list[Path]:
    """Files that git knows; without git, everything outside of tool folders."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode == 0 and answer.stdout:
        return [path for name in answer.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
    ignored = {".git", ".venv", "var", "__pycache__", "staticfiles"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not ignored & set(path.relative_to(ROOT).parts)]


def findings(rule: Rule, paths: Iterator[Path] | list[Path]) -> list[str]:
    """`file: finding` for every finding of the rule."""
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}:{finding}" for finding in rule(text)]
    return found


def floats(text: str) -> list[str]:
    """Float literals, `float` as a name, and true division: none may stand near money."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(f"{node.lineno}: float literal {node.value}")
        elif isinstance(node, ast.Name) and node.id == "float":
            found.append(f"{node.lineno}: float")
        elif isinstance(node, ast.Attribute) and re.fullmatch(r"float(16|32|64|_)?", node.attr):
            found.append(f"{node.lineno}: {node.attr}")
        elif (
            isinstance(node, ast.BinOp | ast.AugAssign)
            and isinstance(node.op, ast.Div)
            and not (isinstance(node, ast.BinOp) and _is_path_join(node))
        ):
            found.append(f"{node.lineno}: true division")
    return found


def _is_path_join(node: ast.BinOp) -> bool:
    """`folder / "name"`: a path, not a number."""
    right = node.right
    if isinstance(right, ast.JoinedStr) or (isinstance(right, ast.Constant) and isinstance(right.value, str)):
        return True
    left = ast.unparse(node.left).lower()
    return any(word in left for word in ("path", "dir", "folder", "root", "base"))


def floor_divisions(text: str) -> list[str]:
    """`//` and `divmod`: rounding is spelled by taxsys.kernel.rounding, with its article."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv):
            found.append(f"{node.lineno}: //")
        elif isinstance(node, ast.Call) and _counts_months(node):
            continue
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "divmod",
            "np.floor_divide",
            "numpy.floor_divide",
        }:
            found.append(f"{node.lineno}: {ast.unparse(node.func)}")
    return found


def _counts_months(node: ast.Call) -> bool:
    """`divmod(months, 12)` is a calendar, not a rounding of money."""
    return ast.unparse(node.func) == "divmod" and len(node.args) == 2 and ast.unparse(node.args[1]) == "12"


def year_comparisons(text: str) -> list[str]:
    """A comparison with a year written in the code: a year belongs to a parameter or to `Years(...)`."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            for part in [node.left, *node.comparators]:
                for leaf in ast.walk(part):
                    if isinstance(leaf, ast.Constant) and type(leaf.value) is int and 1900 <= leaf.value <= 2100:
                        found.append(f"{node.lineno}: comparison with {leaf.value}")
    return found


CLOCK_CALLS = {
    "date.today", "datetime.now", "datetime.utcnow", "datetime.today", "timezone.now", "timezone.localdate",
    "timezone.localtime",
    "datetime.date.today", "datetime.datetime.now", "dt.date.today", "dt.datetime.now", "time.time", "localdate",
}  # fmt: skip


def clock_reads(text: str) -> list[str]:
    """Reading the real clock outside of taxsys.platform.clock (monotonic time for measuring is free)."""
    return [
        f"{node.lineno}: {ast.unparse(node.func)}()"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in CLOCK_CALLS
        # With an argument these only convert a given moment.
        and not (node.args and ast.unparse(node.func).rpartition(".")[2] in {"localdate", "localtime"})
    ]


def long_functions(text: str) -> list[str]:
    """Functions of more than 70 lines."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{node.lineno}: {node.name} has {lines} lines")
    return found


def long_files(text: str) -> list[str]:
    """Files of more than 450 lines."""
    lines = text.count("\n")
    return [f"1: {lines} lines"] if lines > MAX_FILE_LINES else []


def star_and_relative_imports(text: str) -> list[str]:
    """`from x import *` and relative imports."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                found.append(f"{node.lineno}: relative import")
            if any(alias.name == "*" for alias in node.names):
                found.append(f"{node.lineno}: import *")
    return found


def own_signals(text: str) -> list[str]:
    """Signals of our own: work is called, not broadcast (only `post_migrate` is free)."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if (
                name.endswith("Signal")
                or name == "receiver"
                or re.search(r"\b(pre|post)_(save|delete|init)\.connect$", name)
            ):
                found.append(f"{node.lineno}: {name}")
    return found


TWELVE_DIGITS = re.compile(r"(?<![\d.])\d{12}(?!\d)")


def my_number_is_valid(digits: str) -> bool:
    """Check digit of a 個人番号 (総務省令85号5条), written anew: the rule must not lean on what it checks."""
    weights = [*range(2, 8), *range(2, 7)]
    remainder = sum(int(d) * w for d, w in zip(reversed(digits[:11]), weights, strict=True)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


# Numbers that may stand in tests: counting digits nobody would take for a person's, and one of a published sample.
FIXTURE_NUMBERS = {"123456789018", "123456789026", "123456789050", "987654321093", "983205673214"}


def my_numbers(text: str, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Twelve digits in a row (half or full width) that pass the check digit of a 個人番号 and are not `allowed`."""
    found = []
    for match in TWELVE_DIGITS.finditer(text):
        digits = unicodedata.normalize("NFKC", match.group())
        if my_number_is_valid(digits) and len(set(digits)) > 1 and digits not in allowed:
            found.append(f"{text.count(chr(10), 0, match.start()) + 1}: twelve digits that pass the check digit")
    return found


def my_numbers_in_tests(text: str) -> list[str]:
    """The same rule for tests, where the listed fixtures may stand."""
    return my_numbers(text, allowed=frozenset(FIXTURE_NUMBERS))


MACHINE_PLACES = re.compile(r"/(?:work/(?:shared|main)|root/|home/[a-z]+/|tmp/(?:brief|bash_jobs))|/Users/[a-z]")


def machine_paths(text: str) -> list[str]:
    """Paths of one developer's machine."""
    return [f"{text.count(chr(10), 0, match.start()) + 1}: {match.group()}" for match in MACHINE_PLACES.finditer(text)]


def error_codes(texts: Iterable[str]) -> list[str]:
    """Codes of errors (a letter and four digits, the class attribute `code`), each as often as it is given."""
    found = []
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ClassDef):
                continue
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                    value = line.value.value if isinstance(line.value, ast.Constant) else ""
                    if re.fullmatch(r"[A-Z]\d{4}", str(value)):
                        found.append(str(value))
    return found
