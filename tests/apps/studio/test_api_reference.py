"""The API's reference: every operation is described, with an example, in a group."""

import json

import pytest
from django.test import Client

from studio.api_reference import ENTRIES, _first_sentence


@pytest.fixture(scope="module")
def operations() -> dict[str, dict]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(answer.content)
    return {f"{verb.upper()} {path}": found for path, verbs in schema["paths"].items() for verb, found in verbs.items()}


def test_every_operation_has_words_and_a_group(operations):
    bare = [name for name, found in operations.items() if not (found.get("summary") and found.get("description"))]
    assert bare == []
    assert {tag for found in operations.values() for tag in found["tags"]}.isdisjoint({"api", "v2"})


def test_no_row_describes_an_operation_that_is_not_there(operations):
    assert set(ENTRIES) <= set(operations)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_example_stands_wherever_something_is_sent_or_answered(operations, name):
    found, entry = operations[name], ENTRIES[name]
    content = found.get("requestBody", {}).get("content", {})
    bodies = [body for kind, body in content.items() if kind == "application/json"]
    answers = [
        body
        for status, answer in found["responses"].items()
        if status.startswith("2")
        for body in answer.get("content", {}).values()
    ]
    if entry.sent is not None:
        assert [body["example"] for body in bodies] == [entry.sent]
    if answers:
        assert any("example" in answer for answer in answers)


def test_a_route_without_a_row_is_summed_up_by_its_docstring():
    assert _first_sentence("POST …/a/{id}: make it anew. Repeated calls are harmless.") == "Make it anew"
