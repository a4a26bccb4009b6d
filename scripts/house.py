"""Figures of the code's structure: `python scripts/house.py [CHECKOUT]`. Signs, not aims: docs/architecture.md has the aims."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

APPS = ("sessions_app", "media_app", "sync_app", "render_app", "studio")
MOST_PARAMETERS = 6


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    print(f"{'':14}{'modules':>8}{'lines':>8}{'median':>8}{'largest':>8}{'top level':>10}")
    for app in APPS:
        files = modules(root, app)
        lines = [len(path.read_text().splitlines()) for path in files]
        top = {path.relative_to(root / app).parts[0] for path in files}
        print(f"{app:14}{len(files):8}{sum(lines):8}{statistics.median(lines):8.0f}{max(lines):8}{len(top):10}")
    everything = [path for app in APPS for path in modules(root, app)]
    trees = {path: ast.parse(path.read_text()) for path in everything}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    lengths = sorted(node.end_lineno - node.lineno + 1 for node in functions)
    print(
        f"functions: {len(functions)}, 90th percentile {lengths[int(0.9 * len(lengths))]} lines, longest {lengths[-1]}"
    )
    print(f"more than {MOST_PARAMETERS} parameters: {sum(parameters(node) > MOST_PARAMETERS for node in functions)}")
    print(f"imports inside functions: {sum(lazy_imports(tree) for tree in trees.values())}")
    print(f"excepts of everything: {sum(blind_excepts(tree) for tree in trees.values())}")
    print(f"cyclomatic complexity above 10: {complex_functions(root)}")


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules(root: Path, app: str) -> list[Path]:
    """The modules of an app that hold code."""
    found = (path for path in (root / app).rglob("*.py") if "migrations" not in path.parts)
    return sorted(path for path in found if path.read_text().strip())


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many values a caller may give, `self` apart."""
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([one for one in named if one.arg not in ("self", "cls")])


def lazy_imports(tree: ast.Module) -> int:
    """Imports inside functions other than `ready`."""
    bodies = (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS) and node.name != "ready")
    return sum(isinstance(inner, ast.Import | ast.ImportFrom) for node in bodies for inner in ast.walk(node))


def blind_excepts(tree: ast.Module) -> int:
    """`except:`, `except Exception` and `except BaseException`."""
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    blind = {"Exception", "BaseException"}
    return sum(h.type is None or (isinstance(h.type, ast.Name) and h.type.id in blind) for h in handlers)


def complex_functions(root: Path) -> int:
    """Functions that ruff's C901 finds."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "C901", "--output-format", "concise"]
    answer = subprocess.run([*command, *APPS], cwd=root, capture_output=True, text=True, check=False)
    return sum("C901" in line for line in answer.stdout.splitlines())


if __name__ == "__main__":
    main()
