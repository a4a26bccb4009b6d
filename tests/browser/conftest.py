"""A real Chromium against a real server, with a real worker next to it.

Every page that a test opens is watched: an error on its console, a request to another origin, or a break of the
Content-Security-Policy fails the test. `kit.look(page, name)` runs axe in light and dark; with SCREENSHOTS=folder it
keeps pictures.
"""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.signals import request_finished, request_started
from django.db import connections
from django.test import Client
from django.test.client import ClientHandler
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from media_app import jobs
from sessions_app.models import Membership
from tests.browser.kit import AXE, DESKTOP
from tests.support.waiting import PATIENCE_S

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # The last of these switches counts: Playwright's own, and the two pages behind the address bar, which each new window would start
    # a process for.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]
BUNDLE = Path(django_settings.BASE_DIR) / "build" / "static" / "studio" / "live.js"

#: How long a test waits for the page: a busy machine may be slow.
PATIENCE_MS = 120_000
#: Says on the console which element broke the policy; the browser's own message does not.
VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content Security Policy: ${event.effectiveDirective} ${event.blockedURI} by ${event.sourceFile}, ${event.target?.outerHTML?.slice(0, 200)}`,
));
"""

# Playwright's event loop runs in the test's thread; the ORM calls of a test are not inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each test has a profile of its own in it."""
    missing = [str(path) for path in (Path(CHROMIUM), AXE, BUNDLE) if not path.exists()]
    if missing:
        reason = f"No browser tests: {', '.join(missing)} missing. Run `make setup`."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server, settings, tmp_path) -> str:
    """The server's address; its files lie in a folder of this test."""
    settings.MEDIA_STORE_ROOT = tmp_path / "store"
    settings.SCRATCH_ROOT = tmp_path / "scratch"
    settings.PUBLIC_URL = ""
    return live_server.url


@pytest.fixture
def operator(transactional_db):
    """Somebody who may work in the local tenant, see the records, and run its jobs."""
    user = get_user_model().objects.create_user("operator", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_mediajob"))
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    return user


@pytest.fixture
def staff(operator):
    """The operator, with every right in the records."""
    operator.is_superuser = True
    operator.save()
    return operator


@dataclass
class Watch:
    """What went wrong on a page behind the test's back."""

    origin: str
    faults: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def on(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._request)

    def allow(self, *words: str) -> None:
        """Console errors that hold one of these words are this test's own doing."""
        self.allowed += words

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" not in (
            self.origin,
            *self.origins,
        ):
            self.faults.append(f"another origin: {request.url}")

    def taken(self) -> list[str]:
        """The faults so far, which are not kept."""
        found, self.faults = self.faults, []
        return found

    def check(self) -> None:
        found = [fault for fault in self.faults if not any(word in fault for word in self.allowed)]
        assert not found, "\n".join(found)


@pytest.fixture
def watch(site) -> Iterator[Watch]:
    watch = Watch(site)
    yield watch
    watch.check()


class Requests:
    """The requests that the server is answering. A page that is closed does not wait for its last ones."""

    def __init__(self) -> None:
        self.open = 0
        self.changed = threading.Condition()
        request_started.connect(self._started)
        request_finished.connect(self._finished)

    def _started(self, sender: type | None, **_signal) -> None:
        self._count(sender, 1)

    def _finished(self, sender: type | None, **_signal) -> None:
        self._count(sender, -1)

    def _count(self, sender: type | None, more: int) -> None:
        if sender in (ClientHandler, None):
            return  # a test's own, without the server; it ends as nobody's
        with self.changed:
            self.open += more
            self.changed.notify_all()

    def wait(self) -> None:
        """Until none is left: the database and the settings of a test are its own."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.open == 0, PATIENCE_S), f"{self.open} requests never ended"


@pytest.fixture(scope="session")
def requests() -> Requests:
    return Requests()


@pytest.fixture
def open_page(chromium, site, watch, requests) -> Iterator[Callable[..., Page]]:
    """`open_page(path, user=…)`: a page of a new profile, signed in as the user when there is one."""
    contexts = []

    def open_it(path: str = "/", *, user=None, viewport=DESKTOP, **options) -> Page:
        context = chromium.new_context(base_url=site, viewport=viewport, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        watch.on(page)
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    requests.wait()


@pytest.fixture
def worker(site) -> Iterator[threading.Event]:
    """A worker that takes jobs until the test ends. Set the event to stop it earlier."""
    stopping = threading.Event()

    def work() -> None:
        try:
            jobs.serve(stopping)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    yield stopping
    stopping.set()
    thread.join(PATIENCE_S)
