"""The pages hang together: every name, page and word is where a reader looks for it."""

import re
from pathlib import Path

import pytest

import tnet

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def test_every_public_name_is_listed_once():
    listed = re.findall(r"^   (\w+)$", (DOCS / "api" / "index.md").read_text(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(tnet.__all__)


@pytest.mark.parametrize("folder", [DOCS, DOCS / "how-to", DOCS / "theory", DOCS / "commands"])
def test_every_page_is_reached(folder):
    index = (folder / "index.md").read_text()
    trees = "\n".join(re.findall(r"```{toctree}\n(.*?)```", index, flags=re.DOTALL))
    assert [
        page.stem
        for page in folder.glob("*.md")
        if page.stem != "index" and not re.search(rf"^{page.stem}$", trees, flags=re.MULTILINE)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target
