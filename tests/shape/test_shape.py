"""What the code has to look like, whatever it does."""

from __future__ import annotations

import ast
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "towpath"
MODULES = sorted(SOURCE.rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_file_is_small_and_says_what_it_is(path: Path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 450, "split it by what its parts are about"
    assert ast.get_docstring(ast.parse(text)), "a module says in its docstring what lives in it"
    assert not DRAWERS & {part.removesuffix(".py") for part in path.relative_to(SOURCE).parts}


def test_files_are_small_on_average():
    sizes = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert sizes[int(len(sizes) * 0.95)] <= 400


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=name_of)
def test_package_names_what_is_public(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }
    exported: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
        ):
            exported = set(ast.literal_eval(node.value))
    assert imported <= exported | {"Command", "Feature"}, "what a package imports, it exports"


def test_a_process_is_killed_at_each_commit_point_in_some_test():
    point = re.compile(r'commit_point\("([a-z_]+)"\)')
    named = {name for path in MODULES for name in point.findall(path.read_text(encoding="utf-8"))} - {"name"}
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    tried = {name for text in tests for name in re.findall(r'"([a-z_]+)(?::\d+)?"', text)}
    assert len(named) >= 12
    assert named <= tried


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.strip()


def test_help_imports_click_only_and_answers_at_once():
    loaded = run_python(
        "import sys, io, contextlib; before = set(sys.modules)\n"
        "from towpath.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert main(['--help']) == 0\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    ).split()
    foreign = {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert foreign <= {"towpath", "click"}
    assert any(work_of_help() < 0.4 for _ in range(3))


def work_of_help() -> float:
    """Seconds of a processor, so that what else the machine does is not counted."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "towpath", "--help"], check=True, capture_output=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_feature_is_one_folder(tmp_path: Path):
    """A package dropped beside ours is found on the command line with no edit anywhere."""
    package = tmp_path / "towpath_weather"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from towpath.plugins import Command, Feature\n"
        "FEATURE = Feature(name='weather', title='Weather', summary='Says what the weather is like.',\n"
        "    commands={'weather': Command(target='towpath_weather.cli:weather', help='Say what the weather is like.')})\n"
    )
    (package / "cli.py").write_text(
        "import click\n@click.command()\ndef weather() -> None:\n    click.echo('It rains.')\n"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from towpath import features\n"
        "import importlib.metadata as metadata\n"
        "class Finder(metadata.DistributionFinder):\n"
        "    def find_spec(self, *a, **k): return None\n"
        "    def find_distributions(self, context=None): return [Distribution()]\n"
        "class Distribution(metadata.Distribution):\n"
        "    def read_text(self, name): return {'METADATA': 'Name: towpath-weather\\nVersion: 1',"
        " 'entry_points.txt': '[towpath.features]\\nweather = towpath_weather'}.get(name)\n"
        "    def locate_file(self, path): return path\n"
        "sys.meta_path.append(Finder())\n"
        "from towpath.cli import main\n"
        "main(['--help']); main(['weather'])\n"
    )
    output = run_python(code)
    assert "Say what the weather is like." in output
    assert output.endswith("It rains.")


def test_nothing_names_a_registry_or_a_machine():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert "find-links" not in text
