"""Webhooks: who hears of what, how it is signed, what becomes of a receiver that does not answer."""

import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import override_settings

from media_app import jobs, outbound
from media_app.models import MediaJob, Webhook
from media_app.outbound import AddressRefused, Unreachable
from media_app.services import webhooks
from sessions_app.core.tenant import Context
from sessions_app.services import advance
from tests.apps.media_app import work
from tests.support.factories import Api, a_job, a_session
from tests.support.waiting import PATIENCE_S

pytestmark = pytest.mark.django_db


class Receiver:
    """Somebody's server on this machine: answers with the statuses of `answers`, then 200, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, body in self.got]


@pytest.fixture(autouse=True)
def _quiet_heartbeats(settings, monkeypatch):
    """The job runs inside the test's own transaction, for which a heartbeat on SQLite would wait in vain."""
    settings.JOB_LEASE_SECONDS = 1200
    monkeypatch.setattr("media_app.jobs.heartbeat.Heartbeat.start", lambda heartbeat: None)


@pytest.fixture
def receiver(settings):
    """With the explicit leave to send to this machine, which no installation has unless its owner gives it."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PLAIN_HTTP = True
    settings.JOB_BACKOFF_SECONDS = 0
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hook(api: Api, url: str, **more) -> dict:
    status, made = api.post("/v2/webhooks", {"url": url, **more})
    assert status == 201, made
    return made


def send_all() -> None:
    while run := jobs.claim("tester", job_types=["webhook_v1"]):
        with run:
            run.execute()


def send_one() -> None:
    with jobs.claim("tester", job_types=["webhook_v1"]) as run:
        run.execute()


def move(session, status: str) -> None:
    advance(session, to=status, reason="because")


def test_a_session_that_moves_is_reported_with_a_signature_that_holds(receiver):
    api, session = Api(), a_session()
    made = hook(api, receiver.url)
    move(session, "ingesting")
    send_all()
    [(headers, body)] = receiver.got
    event = json.loads(body)
    assert event["event"] == headers["Studio-Event"] == "session.status_changed"
    assert event["session"] == {
        "id": str(session.pk), "status": "ingesting", "statusBefore": "draft", "reason": "because",
    }  # fmt: skip
    signed = f"{headers['Studio-Timestamp']}.".encode() + body
    assert headers["Studio-Signature"] == "v1=" + hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert abs(time.time() - int(headers["Studio-Timestamp"])) < 60
    assert headers["Studio-Event-Id"] == event["id"]


def test_a_receiver_that_fails_is_tried_again_under_the_same_id_and_every_try_is_seen(receiver):
    api, session = Api(), a_session()
    made = hook(api, receiver.url)
    receiver.answers = [500, 404]
    move(session, "ingesting")
    send_all()
    assert len({headers["Studio-Event-Id"] for headers, _ in receiver.got}) == 1
    _, page = api.get(f"/v2/webhooks/{made['id']}/deliveries")
    [delivery] = page["results"]
    assert delivery["status"] == "COMPLETED"
    assert [(one["outcome"], one["errorMessage"]) for one in delivery["tries"]] == [
        ("failed", "The receiver answered 500 instead of 2xx."),
        ("failed", "The receiver answered 404 instead of 2xx."),
        ("completed", ""),
    ]


def test_a_receiver_that_never_answers_well_ends_dead_and_notifies_nobody_of_itself(receiver):
    api, session = Api(), a_session()
    hook(api, receiver.url)
    receiver.answers = [503] * 20
    move(session, "ingesting")
    send_all()
    job = MediaJob.objects.get(type="webhook_v1")
    assert (job.status, len(receiver.got)) == ("DEAD", webhooks.TRIES)


def test_a_job_that_fails_is_reported(receiver):
    work.register()
    hook(Api(), receiver.url, events=["job.failed"])
    session = a_session()
    job = a_job("test_refuse_v1", session=session)
    move(session, "ingesting")
    with (run := jobs.claim("w", job_types=["test_refuse_v1"])):
        run.execute()
    send_all()
    [(_, body)] = receiver.got
    event = json.loads(body)["job"]
    assert (event["id"], event["status"], event["sessionId"]) == (str(job.pk), "FAILED", str(session.pk))
    assert event["errorMessage"] == "The file is a poem. Upload a film."


def test_only_those_hear_of_it_who_asked_and_belong(receiver):
    mine, other = Api(), Api("bob", "t_other")
    session, another = a_session(), a_session("Another")
    hook(mine, receiver.url, sessionId=str(another.pk), description="of another session")
    hook(mine, receiver.url, events=["job.failed"])
    hook(mine, receiver.url, active=False)
    hook(other, receiver.url)
    move(session, "ingesting")
    send_all()
    assert receiver.got == []
    move(another, "ingesting")
    send_all()
    assert receiver.events() == ["session.status_changed"]


def test_changes_that_were_not_sent_yet_arrive_as_one_from_the_first_status_to_the_last(receiver):
    api, session, other = Api(), a_session(), a_session()
    hook(api, receiver.url)
    move(session, "ingesting")
    move(other, "ingesting")
    move(session, "needs-review")
    send_all()
    moved = [json.loads(body)["session"] for _, body in receiver.got]
    assert sorted((one["id"], one["statusBefore"], one["status"]) for one in moved) == sorted(
        [(str(session.pk), "draft", "needs-review"), (str(other.pk), "draft", "ingesting")]
    )


def test_a_change_after_a_first_try_is_a_message_of_its_own(receiver):
    api, session = Api(), a_session()
    hook(api, receiver.url)
    receiver.answers = [500]
    move(session, "ingesting")
    send_one()
    move(session, "needs-review")
    send_all()
    sent = [json.loads(body) for _, body in receiver.got]
    assert [one["session"]["status"] for one in sent] == ["ingesting", "ingesting", "needs-review"]
    assert sent[0]["id"] == sent[1]["id"] != sent[2]["id"]


def test_each_webhook_hears_once_of_many_changes_and_everybody_elses_background_work_comes_between(receiver):
    """34 webhooks and twenty changes of one tenant: then a mezzanine of another."""
    api, session = Api(), a_session()
    for number in range(34):
        hook(api, f"{receiver.url}&number={number}")
    for _ in range(10):
        move(session, "ingesting")
        move(session, "needs-review")
    assert MediaJob.objects.filter(type="webhook_v1").count() == 34
    mezzanine = jobs.enqueue("engine_mezzanine_v1", Context("t_another", "dev"), input_json={}, priority=-10)
    upload = jobs.enqueue("ingest_asset_v1", Context("t_another", "dev"), input_json={})
    order = [job.pk for job in MediaJob.objects.due()]
    assert order.index(upload.pk) == 0, "people wait for an ingest"
    assert order.index(mezzanine.pk) == 2, "only the first delivery of that tenant goes before"


def test_over_the_quota_an_event_stands_and_its_message_is_kept_as_failed(receiver, settings):
    settings.TENANT_MAX_PENDING_WEBHOOKS = 2
    api, sessions = Api(), [a_session() for _ in range(4)]
    made = hook(api, receiver.url)
    for session in sessions:
        move(session, "ingesting")
    move(sessions[3], "needs-review")
    move(sessions[0], "needs-review")

    waiting, refused = (
        list(MediaJob.objects.filter(status=status).order_by("created_at")) for status in ("PENDING", "DEAD")
    )
    assert [len(waiting), len(refused)] == [2, 2], "one message for each session, whatever became of it"
    assert refused[0].error_code == "too_much_waiting"
    assert "2 messages to this tenant's webhooks wait to be sent, and 2 is the most" in refused[0].error_message
    assert api.post(f"/v2/webhooks/{made['id']}/ping")[0] == 429
    _, page = api.get(f"/v2/webhooks/{made['id']}/deliveries")
    assert page["count"] == 4

    send_all()
    jobs.retry(refused[1])
    send_all()
    event = {json.loads(body)["session"]["id"]: json.loads(body)["session"] for _, body in receiver.got}
    last = event[str(sessions[3].pk)]
    assert (last["statusBefore"], last["status"]) == ("draft", "needs-review")
    assert str(sessions[2].pk) not in event


def test_what_did_not_happen_is_not_reported(receiver):
    from django.db import transaction

    hook(Api(), receiver.url)
    session = a_session()
    with transaction.atomic():
        move(session, "ingesting")
        transaction.set_rollback(True)
    send_all()
    assert receiver.got == []


def test_a_removed_webhook_is_not_sent_what_waited(receiver):
    api, session = Api(), a_session()
    made = hook(api, receiver.url)
    move(session, "ingesting")
    assert api.delete(f"/v2/webhooks/{made['id']}")[0] == 204
    send_all()
    assert receiver.got == []
    assert api.get(f"/v2/webhooks/{made['id']}")[0] == 404


def test_the_secret_is_shown_once_and_kept_nowhere(receiver):
    api = Api()
    made = hook(api, receiver.url)
    _, shown = api.get(f"/v2/webhooks/{made['id']}")
    _, listed = api.get("/v2/webhooks")
    assert made["secret"] not in json.dumps([shown, listed])
    assert made["secret"] not in json.dumps(list(Webhook.objects.values()), default=str)
    status, changed = api.post(f"/v2/webhooks/{made['id']}/secret")
    assert (status, changed["secret"] != made["secret"]) == (200, True)


def test_a_webhook_can_be_changed_and_tried(receiver):
    api = Api()
    made = hook(api, receiver.url)
    status, changed = api.patch(f"/v2/webhooks/{made['id']}", {"description": "Ours", "events": ["job.failed"]})
    assert (status, changed["description"], changed["events"]) == (200, "Ours", ["job.failed"])
    status, delivery = api.post(f"/v2/webhooks/{made['id']}/ping")
    assert (status, delivery["event"]) == (202, "ping")
    send_all()
    assert receiver.events() == ["ping"]


def test_another_tenant_finds_nothing(receiver):
    made, other = hook(Api(), receiver.url), Api("bob", "t_other")
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/ping"),
        ("GET", "/deliveries"),
    ):
        assert other.call(method, f"/v2/webhooks/{made['id']}{path}", {} if method != "GET" else None)[0] == 404
    assert other.get("/v2/webhooks")[1]["results"] == []
    status, refused = other.post("/v2/webhooks", {"url": receiver.url, "sessionId": str(a_session().pk)})
    assert (status, refused["error"]["field"]) == (400, "sessionId")


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "ftp://x.org", "x", "https://example.org:22/x:y@"]
)  # fmt: skip
def test_an_address_within_is_refused_when_it_is_entered(url):
    status, refused = Api().post("/v2/webhooks", {"url": url})
    if url.startswith("https://example.org:22"):
        assert status == 201  # a name is judged when it is resolved
        return
    assert (status, refused["error"]["code"], refused["error"]["field"]) == (400, "address_refused", "url")


@contextmanager
def names(monkeypatch, *answers: str):
    """A DNS that gives these addresses, one after another, for every name."""
    asked = []

    def getaddrinfo(host, port, *args, **options):
        asked.append(host)
        address = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield asked


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0"])
def test_a_name_that_leads_within_is_refused_when_it_is_sent(monkeypatch, address):
    with names(monkeypatch, address), pytest.raises(AddressRefused, match="private"):
        outbound.post("https://internal.example.org/", b"{}", {})


def test_a_name_is_resolved_once_so_a_second_answer_leads_nowhere(monkeypatch, receiver, settings):
    """DNS rebinding: allowed at the first look, another machine at the second."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.1/32"]
    port = receiver.server.server_address[1]
    with socket.create_server(("127.0.0.2", port)) as other, names(monkeypatch, "127.0.0.1", "127.0.0.2") as asked:
        assert outbound.post(f"http://rebind.example.org:{port}/", b"{}", {}) == 200
        other.settimeout(0)
        with pytest.raises(BlockingIOError):
            other.accept()
    assert asked == ["rebind.example.org"]
    assert receiver.got[0][0]["Host"] == f"rebind.example.org:{port}"


def test_one_bad_address_among_good_ones_is_enough_to_refuse(monkeypatch):
    mixed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: mixed)
    with pytest.raises(AddressRefused):
        outbound.post("https://example.org/", b"{}", {})


def test_a_redirect_is_not_followed(receiver):
    receiver.answers, receiver.headers = [302], {"Location": receiver.url}
    assert outbound.post(receiver.url, b"{}", {}) == 302
    assert len(receiver.got) == 1


def test_an_answer_that_drips_is_cut_off(receiver):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip():
            caller, _ = listener.accept()
            with caller:
                try:
                    for _ in range(200):
                        caller.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(Unreachable, match=r"longer than 0\.5 s"):
            outbound.post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}, seconds=0.5)


def test_an_answer_without_end_is_not_read_to_it(receiver):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sent = []

        def flood():
            caller, _ = listener.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                try:
                    while True:
                        sent.append(caller.send(b"x" * 65536))
                except OSError:
                    return

        thread = threading.Thread(target=flood, daemon=True)
        thread.start()
        assert outbound.post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}) == 200
        thread.join(PATIENCE_S)
        assert sum(sent) < 20 << 20


def test_a_certificate_of_somebody_else_is_refused(receiver, settings, tmp_path):
    import subprocess

    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=evil"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    receiver.server.socket = context.wrap_socket(
        receiver.server.socket, server_side=True, do_handshake_on_connect=False
    )
    with pytest.raises(Unreachable, match="certificate"):
        outbound.post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert receiver.got == []


def test_without_the_owners_leave_this_machine_is_out_of_reach(receiver):
    with override_settings(OUTBOUND_NETWORKS=[]), pytest.raises(AddressRefused):
        outbound.post(receiver.url, b"{}", {})
    with override_settings(OUTBOUND_PLAIN_HTTP=False), pytest.raises(AddressRefused, match="https"):
        outbound.post(receiver.url, b"{}", {})
    assert receiver.got == []


def test_the_admin_says_what_is_wrong_with_an_address_and_shows_the_secret_once(receiver, client):
    from tests.support.factories import a_user

    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    form = {"tenant_id": "t_club", "env": "dev", "url": "https://10.0.0.1/", "events": ["job.failed"], "active": "on"}
    page = client.post("/admin/media_app/webhook/add/", form)
    assert "private or reserved" in page.content.decode()
    page = client.post("/admin/media_app/webhook/add/", form | {"url": receiver.url}, follow=True)
    made = Webhook.objects.get()
    assert made.events == ["job.failed"]
    assert webhooks.secret_of(made) in page.content.decode()
    assert webhooks.secret_of(made) not in client.get("/admin/media_app/webhook/").content.decode()
