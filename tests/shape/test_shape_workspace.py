"""What the workspace's sources and the built pages have to look like."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src" / "towpath" / "server" / "static"
UI = ROOT / "ui" / "src"
FEATURES = ROOT / "src" / "towpath" / "features"
SOURCES = sorted(
    path
    for folder in (UI, *FEATURES.glob("*/ui"))
    for path in folder.rglob("*")
    if path.suffix in {".ts", ".tsx", ".css"} and path.name != "schema.ts"
)
#: All files of English texts; each has its French twin beside it.
TEXTS = [
    UI / "i18n" / "en.ts",
    *sorted(FEATURES.glob("*/ui/en.ts")),
    *sorted(FEATURES.glob("*/ui/texts/*.en.ts")),
]
#: Most kilobytes, packed, that a browser loads before the first page (style.md C4).
SHELL_KB = 260

needs_build = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="the workspace is not built")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts(path: Path) -> dict[str, str]:
    return dict(
        re.findall(r'^\s*"([\w.-]+)":\s*\n?\s*"((?:[^"\\]|\\.)*)",', path.read_text("utf-8"), re.MULTILINE)
    )


def first_files(built: Path) -> set[str]:
    """What a browser loads before the first page."""
    index = (built / "index.html").read_text("utf-8")
    return set(re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', index))


@needs_build
def test_the_shell_is_small():
    """Everything that index.html names, JavaScript and styles alike."""
    first = first_files(BUILT)
    assert len(first) > 1
    kilobytes = sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in first) / 1000
    assert kilobytes <= SHELL_KB, (
        f"the shell is {kilobytes:.0f} KB; load lazily what the first page can do without"
    )


@needs_build
def test_pages_and_languages_are_loaded_when_they_are_needed():
    manifest = json.loads((BUILT / "manifest.json").read_text("utf-8"))
    first = first_files(BUILT)
    pages = [key for key in manifest if key.endswith(("Page.tsx", "Tab.tsx", "/Palette.tsx"))]
    assert len(pages) >= 5
    for key in pages:
        assert manifest[key]["isDynamicEntry"]
        assert manifest[key]["file"] not in first, f"{key} is loaded before anybody asks for it"
    assert not [name for name in first if "texts-" in name]


@needs_build
def test_everything_sent_often_is_packed():
    for path in (BUILT / "assets").iterdir():
        if path.suffix in {".js", ".css"}:
            assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@needs_build
def test_a_page_is_found_by_its_folder(tmp_path: Path):
    """A feature dropped beside ours is in the menu's sources and in the build, with no edit anywhere."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("ui", "package.json"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    weather = copy / "src" / "towpath" / "features" / "weather" / "ui"
    weather.mkdir(parents=True)
    (weather / "index.tsx").write_text(
        'import type { FeatureUi } from "@ui/feature";\n'
        'const weather: FeatureUi = { name: "weather", routes: [{ path: "/weather", load: () => import("./Sky") }] };\n'
        "export default weather;\n"
    )
    (weather / "Sky.tsx").write_text(
        "export default function Sky() {\n  return <p>It rains in Bruges.</p>;\n}\n"
    )
    (weather / "en.ts").write_text('export default { "weather.title": "Weather over Bruges" };\n')
    subprocess.run(
        [
            "node_modules/.bin/vite",
            "build",
            "--config",
            "ui/vite.config.ts",
            "--logLevel",
            "error",
            "--minify",
            "false",
        ],
        cwd=copy,
        check=True,
        timeout=240,
    )
    built = copy / "src" / "towpath" / "server" / "static"
    manifest = json.loads((built / "manifest.json").read_text("utf-8"))
    sky = manifest["../src/towpath/features/weather/ui/Sky.tsx"]
    assert "It rains in Bruges." in (built / sky["file"]).read_text("utf-8")
    assert any('"/weather"' in (built / name).read_text("utf-8") for name in first_files(built))
    english = next(path for path in (built / "assets").glob("texts-en-*.js"))
    assert "Weather over Bruges" in english.read_text("utf-8")


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_every_text_is_there_in_both_languages(path: Path):
    english, french = texts(path), texts(path.with_name(path.name.replace("en.ts", "fr.ts")))
    assert len(english) >= 3
    assert english.keys() == french.keys()
    for key, text in english.items():
        values = set(re.findall(r"\{(\w+)", text))
        assert values == set(re.findall(r"\{(\w+)", french[key])), f"{key} names other values in French"


def test_every_text_that_is_asked_for_is_there():
    keys = [key for path in TEXTS for key in texts(path)]
    known = set(keys)
    assert len(keys) == len(known), "two files say the same key"
    for path in SOURCES:
        if path.suffix == ".tsx":
            for key in re.findall(r'\bt\("([\w.-]+)"', path.read_text("utf-8")):
                assert key in known, f"{name_of(path)} asks for '{key}', which no en.ts has"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_layout_turns_around_with_the_script(path: Path):
    """Left and right are written as start and end, so that a right-to-left language needs no change."""
    text = path.read_text("utf-8")
    sides = r"(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right)|float:\s*(?:left|right)|^\s*(?:left|right):"
    scripts = r"\b(?:margin|padding|border)(?:Left|Right)\b|textAlign: \"(?:left|right)\"|\bta=\"(?:left|right)\"|\s(?:ml|mr|pl|pr)="
    found = re.findall(sides if path.suffix == ".css" else scripts, text, re.MULTILINE)
    assert not found, f"write {found[0]!r} as its logical twin (start, end)"
    assert len(text.splitlines()) <= 450, "split it by what its parts are about"
