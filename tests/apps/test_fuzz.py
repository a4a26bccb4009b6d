"""Every operation of the OpenAPI schema, called with what schemathesis thinks up, by three kinds of caller.

Nothing gives a 5xx, nothing is answered that the schema does not know, and nobody sees a word of another tenant. Each
example is undone. Longer: `make fuzz EXAMPLES=300 SEED=7`; what is found here comes back with the same seed.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from media_app.models import MediaJob, Webhook
from render_app.models import Production
from sync_app.services import review
from tests.support.factories import (
    TENANT,
    Api,
    a_derivative,
    a_job,
    a_registry_asset,
    a_session,
    a_synced_session,
    offer_of,
)
from tests.support.records import export_of, film_of, render_job_of

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:No directory at"),
]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
CANARY = "CANARY7f3a"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
SCHEMA = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
OPERATIONS = {operation.label: operation for operation in (result.ok() for result in SCHEMA.get_all_operations())}


@contextmanager
def undone():
    """What is written inside is undone; a request that ends inside leaves the test's database open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def tenant(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[tuple[dict[str, list[str]], Path]]:
    """Alice's tenant and the folder of its store, made once: every example is undone."""
    store = tmp_path_factory.mktemp("store")
    with django_db_blocker.unblock(), override_settings(MEDIA_STORE_ROOT=store), undone():
        yield ids_of_a_tenant(), store


@pytest.fixture
def ids(tenant, settings) -> dict[str, list[str]]:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "off")
    made, settings.MEDIA_STORE_ROOT = tenant
    return made


def ids_of_a_tenant() -> dict[str, list[str]]:
    """A tenant, every record of which has the canary in its words; the ids by the names of path parameters."""
    decided = a_synced_session(title=f"{CANARY} decided", location=CANARY, notes=CANARY)
    review.approve(decided.context, decided.pk, approved_by=CANARY)
    waiting, fresh = a_synced_session(title=CANARY), a_session(title=CANARY)
    alice = Api()
    asset = decided.assets.first()
    asset.original_filename, asset.status_message, asset.warnings = f"{CANARY}.mp4", CANARY, [CANARY]
    asset.save()
    artifact = a_derivative(asset, "proxy")
    registered = a_registry_asset(original_filename=f"{CANARY}.mp4", meta={"note": CANARY}, source_ref=CANARY)
    _, offer = alice.post(f"/v2/sessions/{fresh.pk}/assets/init-upload", offer_of("B", filename=f"{CANARY}.mp4"))
    hook = Webhook.objects.create(**decided.context.stamp(), url=f"https://example.org/{CANARY}", events=["job.failed"])
    message = {"id": str(uuid.uuid4()), "event": "job.failed", "job": {"errorMessage": CANARY}}
    a_job("webhook_v1", input_json={"webhook_id": str(hook.pk), "message": message})
    a_job("engine_mezzanine_v1", session=decided, asset=asset, error_message=CANARY)
    production = Production.objects.create(
        **asset.context.stamp(), asset=asset, packager="hls", status="failed", error_message=CANARY
    )
    sessions = [decided, waiting, fresh]
    film = film_of(decided, CANARY)
    return {
        **{f"{name}_id": [str(row.pk)] for name, row in film.items()},
        "target_type": ["clip"],
        "target_id": [str(film["clip"].pk)],
        "session_id": [str(session.pk) for session in sessions],
        "asset_id": [str(asset.pk), offer["assetId"], str(registered.pk)],
        "artifact_id": [str(artifact.pk)],
        "export_id": [str(export_of(decided, CANARY).pk)],
        "render_job_id": [str(render_job_of(decided, CANARY).pk)],
        "webhook_id": [str(hook.pk)],
        "production_id": [str(production.pk)],
        "name": ["master.m3u8"],
        "job_id": [str(job.pk) for job in MediaJob.objects.all()],
        "token": [alice.token],
    }


@pytest.mark.parametrize("label", list(OPERATIONS))
def test_an_operation_keeps_to_its_schema_whatever_it_is_sent(label, ids):
    operation, stranger = OPERATIONS[label], Api("bob", "t_other").token
    # The records of timelines have their views in common.
    examples = max(1, EXAMPLES // 3) if " /video/" in label else EXAMPLES
    modes = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @seed(SEED)
    @hypothesis_settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=modes, chosen=st.integers(0, 99), who=st.sampled_from(["owner", "owner", "stranger", "nobody"]))
    def call(case, chosen, who):
        known = chosen < 90
        if known:
            # A made-up id finds nothing: most calls are about a record that is there.
            for name in case.path_parameters:
                case.path_parameters[name] = ids[name][chosen % len(ids[name])]
        # The engine routes want a tenant named; what the case names by itself may disagree.
        named = {"X-Tenant-Id": TENANT if who == "owner" else "t_other", "X-Env": "dev"} if chosen % 4 else {}
        token = {"owner": ids["token"][0], "stranger": stranger}.get(who)
        with undone():
            answer = case.call(headers={"Authorization": f"Token {token}", **named} if token else {})
        case.validate_response(answer, checks=CHECKS)
        if who != "owner":
            assert CANARY not in answer.text
            assert not any(CANARY in value for values in answer.headers.values() for value in values)
        if who == "nobody":
            assert answer.status_code in (400, 401, 404, 405, 406, 413, 415)
        if who == "stranger" and case.path_parameters and known:
            assert answer.status_code >= 400, "a stranger did something to a record of ours"

    call()


def test_the_owner_does_see_the_canary(ids):
    """Or the others' not seeing it would say nothing."""
    alice = Api()
    assert CANARY in str(alice.get(f"/v2/sessions/{ids['session_id'][0]}")[1])
    assert CANARY in str(alice.get("/v2/webhooks")[1])
