"""GraphQL at a browser: the schema and the answers are those of whoever looks."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.browse import NARROW, At


def test_a_query_is_run_as_the_person(browse: Callable[..., At]) -> None:
    """The query that stands ready is answered, and a wrong one says what is wrong (S40)."""
    at = browse("Ben")
    at.goto("/")
    at.page.get_by_role("link", name="GraphQL").click()
    at.page.get_by_role("button", name="Run the query").click()
    said = at.page.locator("#said")
    expect(said).to_contain_text('"data"')
    expect(said).to_contain_text('"count"')
    expect(said).to_contain_text("Answered")
    at.accessible()
    at.fits()
    at.shot("graphql")
    at.page.get_by_label("Query").fill("{ zeppelins { id } }")
    at.page.get_by_role("button", name="Run the query").click()
    expect(said).to_contain_text("With errors")
    expect(said).to_contain_text("zeppelins")
    at.page.get_by_text("The schema, as you see it").first.click()
    expect(at.page.locator("#schema")).to_contain_text("type Query {")


def test_a_mutation_changes_nothing(browse: Callable[..., At]) -> None:
    """Here one only asks: what would change something is refused (S40)."""
    at = browse("Ann")
    at.goto("/graphql-console?surface=preview")
    at.page.get_by_label("Query").fill("mutation { deleteEverything }")
    at.page.get_by_role("button", name="Run the query").click()
    expect(at.page.locator("#said")).to_contain_text("With errors")


def test_without_script(browse: Callable[..., At]) -> None:
    """With no script the form answers with the page, and what was typed stays."""
    at = browse("Rita", java_script_enabled=False, viewport=NARROW)
    at.goto("/graphql-console")
    at.page.get_by_label("Variables").fill("[1]")
    at.page.get_by_role("button", name="Run the query").click()
    expect(at.page.get_by_role("alert")).to_contain_text("The variables are one JSON object")
    expect(at.page.get_by_label("Variables")).to_have_value("[1]")
    at.page.get_by_label("Variables").fill("{}")
    at.page.get_by_role("button", name="Run the query").click()
    expect(at.page.locator("#said")).to_contain_text('"data"')
    at.fits()
    at.shot("graphql-narrow")
