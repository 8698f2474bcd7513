"""The guide does what it says: every block of its pages, in order, against the binary at MANGONEL_BINARY (else the one of
`cargo build --release`), and its links and pictures are there.

    MANGONEL_BINARY=target/release/mangonel target/venv/bin/python -m pytest -q tests/guide
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import run_page
from blocks import blocks, difference

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# Written at build time by docs/site/generate.py; links to them are checked by `mkdocs build --strict`.
GENERATED = DOCS / "reference"
# Longer lines do not fit into the page.
COLUMNS_MAX = 100
# A block that is not run is a block that rots. More of them need a reason as good as these.
NOT_RUN_MAX = 5


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


RUN = [page for page in PAGES if any(block.not_run is None for block in blocks(page))]


@pytest.mark.parametrize("page", RUN, ids=_name)
def test_blocks_do_what_the_page_says(page: Path, tmp_path: Path) -> None:
    if not run_page.BINARY.is_file():
        pytest.fail(f"no binary: set MANGONEL_BINARY ({run_page.BINARY} is not there)")
    wrong = run_page.run(page, tmp_path)
    if wrong:
        pytest.fail(wrong, pytrace=False)


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    found = [(page, block) for page in PAGES for block in blocks(page) if block.not_run is not None]
    reasons = {f"{_name(page)}:{block.line}": block.not_run for page, block in found}
    assert all(reasons.values()), reasons
    assert len(reasons) <= NOT_RUN_MAX, reasons


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == DOCS], ids=_name)
def test_code_is_in_blocks_that_fit(page: Path) -> None:
    """Indented code has no language, and would not be run. Code is as wide as the page at most."""
    fenced = False
    before = ""
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif line.startswith("    ") and not before.strip() and not fenced:
            pytest.fail(f"{_name(page)}:{number}: indented code; put it between ```", pytrace=False)
        elif fenced and len(line) > COLUMNS_MAX:
            pytest.fail(f"{_name(page)}:{number}: a line of {len(line)} characters, {COLUMNS_MAX} fit", pytrace=False)
        before = line


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    gone = []
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        path = (page.parent / target).resolve()
        if not path.exists() and GENERATED not in path.parents:
            gone.append(target)
    assert not gone


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w/]+\.md", (DOCS / "site" / "mkdocs.yml").read_text()))
    assert {str(page.relative_to(DOCS)) for page in PAGES if DOCS in page.parents} <= listed


def test_pictures_share_one_style() -> None:
    """They are put into the pages as they are, so that the last one's style counts for all."""
    styles = {re.search(r"<style>.*</style>", picture.read_text(), re.DOTALL)[0] for picture in DOCS.glob("pictures/*.svg")}  # type: ignore[index]
    assert len(styles) == 1


@pytest.mark.parametrize(
    ("expected", "got", "percent", "same"),
    [
        ("a\n", "a  \n", 0, True),
        ("a\n", "a\nb\n", 0, False),
        ("a\n...\n", "a\n", 0, True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", 0, True),
        ("run ... in 2 shards\n", "run 7 in 2 shards\n", 0, True),
        ("run ... in 2 shards\n", "run 7\n in 2 shards\n", 0, False),
        ("| a | 1 |\n", "| a   | 1 |\n", 0, True),
        ("2.3 places\n", "2.5 places\n", 20, True),
        ("2.3 places\n", "3.3 places\n", 20, False),
    ],
)
def test_outputs_are_compared(expected: str, got: str, percent: float, same: bool) -> None:
    assert (difference(expected, got, percent) is None) == same


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("text\n```sh\ntrue\nfalse\ntrue\n```\n", "page.md:4: exit status 1, not 0"),
        ("```sh\necho a\n```\n\n```text\nb\n```\n", "page.md:2: the output is not as shown"),
        ("```python\nx = 1\n```\n\n```python\n\nraise KeyError(x)\n```\n", 'page.md", line 7'),
        ("<!-- exits with 3 -->\n```sh\nfalse\n```\n", "page.md:3: exit status 1, not 3"),
        ("```sh\nsleep 100 &\n```\n", "still there when the page ends: ['sleep 100']"),
        ("```perl\n1\n```\n", "page.md:1: no block is of the language `perl`"),
    ],
)
def test_a_wrong_page_fails_with_its_line(page: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "still there" in said and not run_page.can_be_apart():
        pytest.skip("only a space of processes of its own knows what is left behind")
    monkeypatch.setenv("MANGONEL_GUIDE_PATIENCE_S", "1")
    (tmp_path / "page.md").write_text(page)
    assert said in (run_page.run(tmp_path / "page.md", tmp_path / "folder") or "")
