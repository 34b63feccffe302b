"""A browser for the tests of a module, and a fresh page of it for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.compiled_models.view.browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture
def page(chromium: Browser):
    context = chromium.new_context()
    yield context.new_page()
    context.close()
