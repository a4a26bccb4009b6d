"""The API's reference: every operation is described, with an example, in a group."""

import json

import pytest
from django.test import Client

from media_app import engines
from studio.reference.examples import example_of
from studio.reference.operations import ENTRIES, _first_sentence

#: Bodies that no text can show.
BINARY = ("multipart/form-data", "image/png")


@pytest.fixture(scope="module")
def operations() -> dict[str, dict]:
    answer = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(answer.content)
    return {f"{verb.upper()} {path}": found for path, verbs in schema["paths"].items() for verb, found in verbs.items()}


def test_every_operation_has_words_and_a_group(operations):
    bare = [name for name, found in operations.items() if not (found.get("summary") and found.get("description"))]
    assert bare == []
    assert {tag for found in operations.values() for tag in found["tags"]}.isdisjoint({"api", "v2"})


def routes(engine) -> tuple[str, str]:
    """Where an engine is asked, and where its results are read: its own file has the words."""
    return f"POST /{engine.route}", f"GET /{engine.reads or engine.route}/{{artifact_id}}"


def test_every_operation_has_a_row_and_each_body_an_example(operations):
    of_engines = {name for one in engines.modules().values() for name in routes(one.ENGINE)}
    assert set(operations) - set(ENTRIES) - of_engines == set()
    bare = []
    for name, found in operations.items():
        answers = [answer for status, answer in found["responses"].items() if status.startswith("2")]
        for kind, body in (("sent", found.get("requestBody", {})), *(("answered", answer) for answer in answers)):
            contents = [content for kind_of, content in body.get("content", {}).items() if kind_of not in BINARY]
            if contents and not any("example" in content or "examples" in content for content in contents):
                bare.append((name, kind))
    assert bare == []


def test_no_two_operations_have_the_same_summary(operations):
    summaries = [found["summary"] for found in operations.values()]
    assert sorted(one for one in set(summaries) if summaries.count(one) > 1) == []


def test_a_drawn_example_is_one_that_its_schema_allows(operations):
    """Where nobody wrote an example, it follows from the schema."""
    components = {
        "Ref": {
            "type": "object",
            "properties": {"id": {"type": "string", "format": "uuid"}, "of": {"$ref": "#/components/schemas/Ref"}},
        }
    }
    assert example_of({"type": ["integer", "null"], "minimum": 3}, {}) == 3
    assert example_of(
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}, "b": {}}}, {}, sent=True
    ) == {"a": False}
    nested = example_of({"allOf": [{"$ref": "#/components/schemas/Ref"}], "nullable": True}, components)
    assert nested["of"]["of"]["id"] == nested["id"]


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
        for kind, body in answer.get("content", {}).items()
        if kind not in BINARY
    ]
    if entry.sent is not None:
        assert [body["example"] for body in bodies] == [entry.sent]
    if answers:
        assert any("example" in answer for answer in answers)


def test_a_route_without_a_row_is_summed_up_by_its_docstring():
    assert _first_sentence("POST …/a/{id}: make it anew. Repeated calls are harmless.") == "Make it anew"
