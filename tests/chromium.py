"""Chromium for the tests of the interactive page: a plugin that they name."""

import importlib.util
import shutil

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed: the page is not tried in a browser")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page is not tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            args=list(FLAGS),
            viewport={"width": 1280, "height": 900},
        )
        context.set_default_timeout(60_000)
        yield context
        context.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open pages from files; at the end, none has complained or asked for anything else."""
    pages, complaints, asked = [], [], []

    def opening(document, name="page", **emulated):
        path = tmp_path / f"{name}.html"
        path.write_text(document if isinstance(document, str) else document.html)
        page = browser.new_page()
        pages.append(page)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.emulate_media(**{"color_scheme": "light", **emulated})
        page.goto(path.as_uri())
        return page

    yield opening
    for page in pages:
        page.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((tmp_path.as_uri(), "blob:"))] == []
