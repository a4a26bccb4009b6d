"""Faults of the services: PostgreSQL, Redis and the store killed, messages lost, doubled or late."""

import signal
import time
from collections.abc import Callable

import redis
from django.db import connection

from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.rig import kill
from bench.chaos.scene import FIRE_S, LOOK_S, NeverStruck, Outcome, Scene

#: Redis' lists that wake workers.
QUEUES = ("io", "cpu", "render")


def kill_postgres(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    return outage(scene, "postgres", fault)


def kill_store(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    return outage(scene, "store", fault)


def outage(scene: Scene, name: str, fault: Fault) -> float:
    """A server is killed while a job or a client is about to use it, and comes back a little later."""
    if fault.step == "upload":
        return scene.while_sending(fault, lambda: out_for_a_while(scene, name, fault))
    _, held = scene.strike_inside(fault, "hold")
    scene.servers.kill(name)
    scene.rig.door.let_go(fault.number)
    time.sleep(0.5 + 3 * fault.amount)
    scene.servers.start(name)
    connection.close()
    return scene.until_taken_up(held, time.monotonic())


def out_for_a_while(scene: Scene, name: str, fault: Fault) -> None:
    scene.servers.kill(name)
    time.sleep(0.5 + 3 * fault.amount)
    scene.servers.start(name)
    connection.close()


def kill_redis(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Work is asked for while there is no broker: the API answers, and the work is done when it is back."""
    scene.servers.kill("redis")
    errors = len(scene.client.server_errors)
    scene.work(fault)
    if len(scene.client.server_errors) > errors:
        outcome.violations.append(Violation("lost", "the API failed because Redis was away"))
    time.sleep(0.5 + 3 * fault.amount)
    scene.servers.start("redis")
    return scene.until_taken_up([], time.monotonic())


def cut_store(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """The wire between Studio and its store breaks in the middle of a file; until the job that read it is over."""
    inner, cuts = scene.servers.inner, scene.servers.inner.cuts
    inner.cut_after(1 + int(fault.amount * (200 << 10)), "down")
    scene.work(fault)
    ends = time.monotonic() + FIRE_S
    while inner.cuts == cuts:
        if scene.is_quiet() or time.monotonic() > ends:
            raise NeverStruck
        time.sleep(LOOK_S)
    at = time.monotonic()
    scene.until_taken_up([], at)
    scene.wait_until_quiet()
    return time.monotonic() - at


def lost_message(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    return tamper(scene, fault, lambda broker: broker.delete(*QUEUES))


def doubled_message(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Each wake-up comes three times."""

    def double(broker: redis.Redis) -> None:
        for queue in QUEUES:
            for message in broker.lrange(queue, 0, -1):
                broker.rpush(queue, message, message)

    return tamper(scene, fault, double)


def late_message(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """The wake-up comes when its work is under way or done."""
    held: dict[str, list[bytes]] = {}

    def delay(broker: redis.Redis) -> None:
        for queue in QUEUES:
            held[queue] = broker.lrange(queue, 0, -1)
        broker.delete(*QUEUES)

    took = tamper(scene, fault, delay)
    time.sleep(4 * fault.amount)
    broker = redis.Redis.from_url(scene.servers.redis_url)
    for queue, messages in held.items():
        if messages:
            broker.rpush(queue, *messages)
    return took


def tamper(scene: Scene, fault: Fault, change: Callable[[redis.Redis], object]) -> float:
    """Work is asked for while no worker listens, and what lies in Redis is changed before one does."""
    broker = redis.Redis.from_url(scene.servers.redis_url)
    parent = scene.worker_parent()
    kill(parent, signal.SIGSTOP)
    for waiting in broker.client_list():
        # A stopped worker that waits for a message would get it on its wire, out of our reach.
        if "b" in waiting["flags"]:
            broker.client_kill_filter(_id=waiting["id"])
    try:
        scene.work(fault)
        change(broker)
    finally:
        kill(parent, signal.SIGCONT)
    return scene.until_taken_up([], time.monotonic())
