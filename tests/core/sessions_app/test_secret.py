import pytest

from sessions_app.core.secret import hide

SIGNED = "https://b.example/tenants/t_a/x.mp4?X-Amz-Algorithm=AWS4&X-Amz-Credential=AKIA1/2026&X-Amz-Signature=0123abcd"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (SIGNED, "0123abcd"),
        (SIGNED, "AKIA1"),
        (f"GET {SIGNED.replace('&', '&amp;')} failed", "0123abcd"),
        ("/store/tenants/t_a/x.mp4?grant=eyJhbGciOi%3Axyz", "eyJhbGciOi"),
        ("/hook?token=eyJhbGciOi:1abc:xyz", "eyJhbGciOi"),
        ("Authorization: Token studio_abcdefgh", "studio_abcdefgh"),
        ("{'Authorization': 'Bearer very-secret-words'}", "very-secret-words"),
        ("cookie sessionid=abc123def; csrftoken=zzz999", "abc123def"),
        ("postgres://studio:hunter2@db/studio refused", "hunter2"),
        (f"the token studio_{'x' * 43} was used", "x" * 43),
        ("signed with s3-key-of-ours today", "s3-key-of-ours"),
    ],
)
def test_what_opens_a_door_is_hidden(text, secret):
    assert secret in text
    said = hide(text, ["s3-key-of-ours", "", "short"])
    assert secret not in said
    assert "[hidden]" in said


@pytest.mark.parametrize(
    "text",
    [
        "ffmpeg -i /scratch/in.mp4 -c:v libx264 out.mp4",
        "tenants/t_a/dev/jobs/0f8e/attempt-1/stderr.log",
        "studio_http_request_seconds rose; see https://studio.example/sessions/?page=2",
        "a short word stays",
    ],
)
def test_everything_else_is_left_alone(text):
    assert hide(text, ["short"]) == text
