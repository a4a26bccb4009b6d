"""Every page in every state: no accessibility fault, nothing off the origin, nothing that the policy forbids."""

from tests.browser.kit import gallery, look


def test_the_list_in_all_its_states(open_page, operator):
    page = open_page("/sessions/", user=operator)
    look(page, "list-empty")
    gallery()
    page.goto("/sessions/?show=all")
    look(page, "list-all")
    page.goto("/sessions/")
    look(page, "list-needs-you")
    page.goto("/sessions/?show=all&search=nothing+like+it&dateFrom=tomorrow")
    look(page, "list-no-match")


def test_a_session_in_all_its_states(open_page, operator):
    shown = gallery()
    page = open_page("/sessions/", user=operator)
    for state, session in shown.items():
        page.goto(f"/sessions/{session.pk}/")
        look(page, f"session-{state}")


def test_the_jobs(open_page, operator):
    page = open_page("/ops/jobs/", user=operator)
    look(page, "jobs-empty")
    shown = gallery()
    page.goto("/ops/jobs/")
    look(page, "jobs")
    page.goto(f"/ops/jobs/?session={shown['broken'].pk}")
    look(page, "jobs-timeline")
