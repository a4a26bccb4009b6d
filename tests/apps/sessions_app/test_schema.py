"""The OpenAPI description: valid, without a doubt, and true of what is answered."""

import json
import re

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator

from tests.support.factories import Api, a_derivative, a_job, a_session, a_synced_session, offer_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(Client(HTTP_ACCEPT="application/vnd.oai.openapi+json").get("/api/schema/").content)


def test_the_schema_is_valid_and_raises_no_doubt(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_the_schema_and_its_pages_are_served_to_anybody():
    assert Client().get("/api/schema/").status_code == 200
    assert Client().get("/api/docs/").status_code == 200


def as_json_schema(node):
    """OpenAPI 3.0's `nullable` in JSON Schema's words."""
    if isinstance(node, list):
        return [as_json_schema(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    plain = {name: as_json_schema(inner) for name, inner in node.items() if name != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") else plain


def described(schema: dict, method: str, path: str, status: int) -> dict:
    for template, operations in schema["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path.split("?")[0]) and method.lower() in operations:
            answers = operations[method.lower()]["responses"]
            answer = answers.get(str(status)) or answers[f"{status // 100}XX"]
            return answer["content"]["application/json"]["schema"]
    raise AssertionError(f"{method} {path} is not described")


def test_what_is_answered_is_as_described(schema):
    components = as_json_schema(schema["components"])
    api = Api()
    session = a_synced_session()
    a_derivative(session.assets.first(), "proxy")
    a_job("engine_mezzanine_v1", session=session, asset=session.assets.first())
    a_job("webhook_v1", session=session)
    base = f"/v2/sessions/{session.pk}"
    other = f"/v2/sessions/{a_session().pk}"
    _, offer = api.post(f"{other}/assets/init-upload", offer_of())
    asset = f"{other}/assets/{offer['assetId']}"
    calls = [
        ("POST", "/v2/sessions", {"title": "x", "date": "2026-01-13", "projectId": "p"}, 201),
        ("POST", "/v2/sessions", {}, 400), ("GET", "/v2/sessions", None, 200), ("GET", base, None, 200),
        ("PATCH", base, {"title": "y"}, 200), ("POST", f"{other}/assets/init-upload", offer_of(), 201),
        ("GET", f"{asset}/upload", None, 200), ("POST", f"{asset}/complete", {}, 409), ("GET", asset, None, 200),
        ("GET", f"{base}/sync", None, 200), ("POST", f"{base}/sync/approve", {"approvedBy": "Ann"}, 200),
        ("POST", f"{base}/sync/correct", {"offsets": {"B": 3}}, 200), ("GET", f"{base}/sync/history", None, 200),
        ("GET", f"{base}/sync", None, 200), ("POST", f"{base}/sync/run", {"force": True}, 202),
        ("GET", f"{base}/sync", None, 404), ("GET", f"{base}/nothing", None, None),
    ]  # fmt: skip
    for method, path, body, expected in calls:
        status, answer = api.call(method, path, body)
        if expected is None:
            continue
        assert status == expected, (method, path, answer)
        wanted = as_json_schema(described(schema, method, path, status)) | {"components": components}
        faults = [f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(wanted).iter_errors(answer)]
        assert not faults, (method, path, faults)
