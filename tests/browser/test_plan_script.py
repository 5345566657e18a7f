"""The script of the plan's list: it filters in place what the server would answer."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import Open
from tests.browser.opened import Opened
from tests.browser.site import PAGES

PLAN = next(page for page in PAGES if page.name == "plan")
VOCABULARY = next(page for page in PAGES if page.name == "ns")
_STATE = """() => [location.search, document.getElementById('project-status').textContent,
  document.querySelectorAll('#project-results tbody tr').length,
  document.querySelector('[aria-sort]').textContent]"""
_AFTER = """action => new Promise(done => {
  const seen = new MutationObserver(() => setTimeout(done, 0));
  seen.observe(document.getElementById('project-status'), {childList: true});
  (ACTION)();
})"""


def after(found: Opened, action: str, rows: int) -> Any:
    """The state of the list once the script has announced what an action led to."""
    found.page.evaluate(_AFTER.replace("ACTION", f"() => {{ {action} }}"))
    state = found.page.evaluate(_STATE)
    assert state[2] == rows
    return state


def test_the_script_filters_in_place_with_the_same_address(open_page: Open) -> None:
    with open_page(PLAN) as found:
        page = found.page
        page.evaluate("window.same = true")
        page.select_option("#filter-policy", "6")
        press = "document.querySelector('#project-filter button').click()"
        assert after(found, press, 19)[:2] == ["?lang=ja&policy=6", "19件を表示"]
        sort = "document.querySelector('.sort[data-key=unit]').click()"
        assert after(found, sort, 19)[0] == "?policy=6&sort=unit&dir=asc&lang=ja"
        assert page.evaluate("document.activeElement.dataset.key") == "unit"
        assert page.evaluate(_STATE)[3] == "担当課▲"
        assert after(found, "history.back()", 19)[0] == "?lang=ja&policy=6"
        clear = "document.querySelector('.active-filters a').click()"
        assert after(found, clear, 72)[0] == "?lang=ja"
        assert page.input_value("#filter-policy") == ""
        assert page.evaluate("window.same") is True
        assert found.complaints == []


def test_without_the_script_the_form_loads_the_filtered_page(open_page: Open) -> None:
    with open_page(PLAN, scripts=False) as plain:
        plain.page.select_option("#filter-policy", "6")
        with plain.page.expect_navigation():
            plain.page.click("#project-filter button")
        assert "policy=6" in plain.page.url
        assert plain.page.locator("#project-results tbody tr").count() == 19
        assert plain.complaints == []


def test_the_iri_of_a_term_is_copied_and_its_button_says_so(open_page: Open) -> None:
    with open_page(VOCABULARY) as found:
        page = found.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        iri = "https://w3id.org/jp-sdgplan/ns#iconCount"
        button = page.get_by_role("button", name=f"コピー {iri}", exact=True)
        button.click()
        page.get_by_role("button", name=f"コピーしました {iri}", exact=True).wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == iri
        assert found.complaints == []
