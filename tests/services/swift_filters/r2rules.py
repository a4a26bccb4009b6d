"""What Cloudflare R2 asks beyond the S3 that OpenStack Swift speaks, as a filter in front of Swift's S3 API.

Equal part lengths, no parts for an upload that is complete (not of one that began before, either), CORS and lifecycle rules
kept per bucket, no ACLs, no chunked checksum trailers. Only shapes are judged here: signatures are Swift's own matter, but CORS and lifecycle rules, which Swift does not store, only ask for
an Authorization header. State lives in the one proxy process. Every request is noted in `wire_log`, one JSON object a
line.
"""

import io
import json
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

KEPT = ("cors", "lifecycle")
MISSING = {"cors": "NoSuchCORSConfiguration", "lifecycle": "NoSuchLifecycleConfiguration"}


class R2Rules:
    def __init__(self, app, wire_log):
        self.app = app
        self.wire_log = Path(wire_log)
        self.kept = {}
        self.part_sizes = {}
        self.complete = set()
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", ""), True).items()}
        self.note(environ)
        origin = environ.get("HTTP_ORIGIN")
        if environ["REQUEST_METHOD"] == "OPTIONS" and origin:
            return self.preflight(environ, start_response, bucket, origin)
        if origin:
            start_response = self.with_cors(start_response, bucket, origin, environ["REQUEST_METHOD"])
        refusal = self.refusal(environ)
        if refusal:
            return answer(start_response, *refusal)
        kept = next((name for name in KEPT if name in query and not key), None)
        if kept:
            return self.remember(environ, start_response, bucket, kept)
        if "uploadId" in query and environ["REQUEST_METHOD"] == "PUT":
            # Judged when all of it is here: Swift decides when a part begins, and would put it in place after complete.
            hold_body(environ)
        if query.get("uploadId") in self.complete and environ["REQUEST_METHOD"] in ("GET", "PUT"):
            return answer(start_response, "404 Not Found", "NoSuchUpload", "The upload was completed or aborted.")
        if "uploadId" in query and environ["REQUEST_METHOD"] == "PUT":
            start_response = self.remembering(start_response, environ, query)
        if "uploadId" in query and environ["REQUEST_METHOD"] == "POST" and self.unequal(environ, query["uploadId"]):
            return answer(
                start_response, "400 Bad Request", "InvalidPart", "All non-trailing parts must have the same length."
            )
        if "uploadId" in query and environ["REQUEST_METHOD"] == "POST":
            return self.completing(environ, start_response, query["uploadId"])
        return self.app(environ, start_response)

    def note(self, environ):
        facts = {
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "query": environ.get("QUERY_STRING", ""),
            "headers": {
                name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")
            },
        }
        with self.lock, self.wire_log.open("a") as log:
            log.write(json.dumps(facts) + "\n")

    def refusal(self, environ):
        chunked = "aws-chunked" in environ.get("HTTP_CONTENT_ENCODING", "")
        if chunked or "HTTP_X_AMZ_TRAILER" in environ:
            return "501 Not Implemented", "NotImplemented", "Checksum trailers are not taken."
        if environ.get("HTTP_X_AMZ_ACL"):
            return "501 Not Implemented", "NotImplemented", "There are no ACLs."
        return None

    def remember(self, environ, start_response, bucket, what):
        if not (environ.get("HTTP_AUTHORIZATION") or "X-Amz-Signature" in environ.get("QUERY_STRING", "")):
            return answer(start_response, "403 Forbidden", "AccessDenied", "Sign the request.")
        method, place = environ["REQUEST_METHOD"], (bucket, what)
        if method == "PUT":
            self.kept[place] = body_of(environ)
            return answer(start_response, "200 OK")
        if method == "DELETE":
            self.kept.pop(place, None)
            return answer(start_response, "204 No Content")
        if place not in self.kept:
            return answer(start_response, "404 Not Found", MISSING[what], "There is none.")
        start_response("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(self.kept[place])))])
        return [self.kept[place]]

    def remembering(self, start_response, environ, query):
        number, size = int(query.get("partNumber", 0)), int(environ.get("CONTENT_LENGTH") or 0)

        def remember(status, headers, *rest):
            if status.startswith("2"):
                self.part_sizes.setdefault(query["uploadId"], {})[number] = size
            return start_response(status, headers, *rest)

        return remember

    def completing(self, environ, start_response, upload_id):
        """Swift says in the body, after the status, whether the upload is complete."""
        said = list(self.app(environ, start_response))
        if b"CompleteMultipartUploadResult" in b"".join(said):
            self.complete.add(upload_id)
        return said

    def unequal(self, environ, upload_id):
        body = body_of(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            numbers = [
                int(found.text) for found in ElementTree.fromstring(body).iter() if found.tag.endswith("PartNumber")
            ]
        except (ElementTree.ParseError, ValueError):
            return False
        known = self.part_sizes.get(upload_id, {})
        sizes = [known[number] for number in numbers if number in known]
        return len(set(sizes[:-1])) > 1 or (len(sizes) > 1 and sizes[-1] > sizes[0])

    def rule(self, bucket, origin, method):
        rules = self.kept.get((bucket, "cors"))
        for rule in ElementTree.fromstring(rules) if rules else ():
            values = {}
            for child in rule:
                values.setdefault(child.tag.rpartition("}")[2], []).append(child.text)
            if origin in values.get("AllowedOrigin", []) and method in values.get("AllowedMethod", []):
                return values
        return None

    def preflight(self, environ, start_response, bucket, origin):
        rule = self.rule(bucket, origin, environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", ""))
        wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        allowed = {name.lower() for name in (rule or {}).get("AllowedHeader", [])}
        asked = {name.strip().lower() for name in wanted.split(",") if name.strip()}
        if rule is None or not (asked <= allowed or "*" in allowed):
            return answer(start_response, "403 Forbidden", "AccessForbidden", "CORSResponse: not allowed.")
        start_response(
            "204 No Content",
            [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Methods", ", ".join(rule["AllowedMethod"])),
                ("Access-Control-Allow-Headers", wanted),
                ("Vary", "Origin"),
            ],
        )
        return [b""]

    def with_cors(self, start_response, bucket, origin, method):
        rule = self.rule(bucket, origin, method)

        def start(status, headers, *rest):
            headers = [(name, value) for name, value in headers if not name.lower().startswith("access-control-")]
            if rule:
                exposed = ", ".join(rule.get("ExposeHeader", []))
                headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", exposed)]
            return start_response(status, headers, *rest)

        return start


def body_of(environ):
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def hold_body(environ):
    """Receive the body before anybody reads it."""
    held = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 (it lives as long as its request)
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left and (data := environ["wsgi.input"].read(min(left, 1 << 16))):
        held.write(data)
        left -= len(data)
    held.seek(0)
    environ["wsgi.input"] = held


def answer(start_response, status, code=None, message=None):
    text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode() if code else b""
    start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
    return [text]


def filter_factory(global_conf, wire_log, **local_conf):
    return lambda app: R2Rules(app, wire_log)
