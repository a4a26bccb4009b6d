"""When a program has come to a standstill, and when it is only slow."""

from media_app.core.time.stall import Look, StallClock


def idle_after(looks):
    clock = StallClock()
    for look in looks:
        clock.look(look)
    return clock.seconds


def test_a_program_that_sleeps_and_comes_no_further_stands_still():
    assert idle_after(Look(at, reached={"clip": 4096}) for at in range(31)) == 30


def test_a_program_that_turns_in_circles_stands_still_however_often_it_reads_the_same():
    circling = [Look(at, cpu_s=at, busy=True, reached={"clip": 4096 * (1 + at % 7)}) for at in range(40)]
    assert idle_after(circling) == 39 - 6


def test_what_it_waits_for_a_processor_or_a_disk_does_not_count():
    assert idle_after(Look(at, cpu_s=at / 100, busy=True) for at in range(601)) == 6


def test_a_byte_further_in_a_file_is_progress_however_slow():
    assert idle_after(Look(at, reached={"clip": at // 15}) for at in range(601)) < 15


def test_output_is_progress():
    clock = StallClock()
    for at in range(20):
        clock.look(Look(at))
    clock.progressed()
    clock.look(Look(20))
    assert clock.seconds == 1


def test_time_in_which_nobody_looked_does_not_count():
    assert idle_after([Look(0), Look(3600)]) == 1
