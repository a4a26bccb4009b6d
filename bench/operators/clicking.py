"""Operators who think, click and wait for the whole answer."""

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter, defaultdict
from pathlib import Path

from bench.people import CSRF

THINK_S = (1.0, 3.0)
WARM_UP_S = 4.0
CLICKS = {
    "list": (
        lambda session, dice: ("GET", "/sessions/", None),
        lambda session, dice: ("GET", "/v2/sessions?status=needs-review", None),
    ),
    "read": (
        lambda session, dice: ("GET", f"/sessions/{session}/review/", None),
        lambda session, dice: ("GET", f"/v2/sessions/{session}", None),
    ),
    "write": (
        lambda session, dice: ("PATCH", f"/v2/sessions/{session}", {"title": f"Lesson {dice.randrange(1000)}"}),
        lambda session, dice: (
            "POST",
            f"/v2/sessions/{session}/sync/correct",
            {"offsets": {"B": round(dice.uniform(-500, 500), 1), "C": 12.5}, "correctedBy": "Ann"},
        ),
    ),
}


async def everybody(
    port: int, people: list[dict], seconds: float, web: int
) -> tuple[dict[str, list[float]], Counter, float]:
    clicks: dict[str, list[float]] = defaultdict(list)
    errors: Counter = Counter()
    await asyncio.gather(*(warmed(port, person) for person in people[:16]))
    begun = time.monotonic()
    counted = (begun + WARM_UP_S, begun + WARM_UP_S + seconds)
    spending = asyncio.create_task(spent_between(web, counted))
    await asyncio.gather(*(operator(port, person, counted, clicks, errors) for person in people))
    return clicks, errors, await spending


async def spent_between(session: int, moments: tuple[float, float]) -> float:
    seen = []
    for moment in moments:
        await asyncio.sleep(moment - time.monotonic())
        seen.append(spent(session))
    return seen[1] - seen[0]


def spent(session: int) -> float:
    """Seconds of processor that the living programs of a session (setsid) have used."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def warmed(port: int, person: dict) -> None:
    """Each page once, so that no process of the server loads it while the clock runs."""
    for ways in CLICKS.values():
        for way in ways:
            method, path, body = way(person["sessions"][0], random.Random(0))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await asked(reader, writer, f"{method} {path} HTTP/1.1\r\n{headers_of(port, person)}", body)
            writer.close()


def headers_of(port: int, person: dict) -> str:
    cookies = f"sessionid={person['cookie']}; csrftoken={CSRF}"
    return f"Host: 127.0.0.1:{port}\r\nCookie: {cookies}\r\nX-CSRFToken: {CSRF}\r\n"


async def operator(port: int, person: dict, counted: tuple[float, float], clicks, errors: Counter) -> None:  # type: ignore[no-untyped-def]
    dice = random.Random(person["cookie"])
    headers = headers_of(port, person)
    await asyncio.sleep(dice.uniform(0, THINK_S[1]))
    connection = None
    while time.monotonic() < counted[1]:
        session = dice.choice(person["sessions"])
        kind = dice.choices(("list", "read", "write"), (4, 4, 2))[0]
        method, path, body = CLICKS[kind][dice.randrange(2)](session, dice)
        begun = time.monotonic()
        try:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", port)
            status = await asked(*connection, f"{method} {path} HTTP/1.1\r\n{headers}", body)
        except (OSError, asyncio.IncompleteReadError):
            if connection is not None and time.monotonic() - begun < 0.05:
                connection = None  # the server had closed an idle connection: a browser opens another and says nothing
                continue
            status, connection = 0, None
        if counted[0] <= begun < counted[1]:
            clicks[kind].append(time.monotonic() - begun)
            if not 200 <= status < 300:
                errors[f"{method} {path.split('?')[0].replace(session, '…')}: {status}"] += 1
        await asyncio.sleep(dice.uniform(*THINK_S))
    if connection is not None:
        connection[1].close()


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str, body: dict | None) -> int:
    """One request and its whole answer. Raises OSError, IncompleteReadError."""
    data = b"" if body is None else json.dumps(body).encode()
    extra = f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n" if body is not None else ""
    writer.write(f"{head}{extra}\r\n".encode() + data)
    await writer.drain()
    answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in answer[1:])}
    if fields.get("transfer-encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(fields.get("content-length", 0)))
    return int(answer[0].split(" ")[1])
