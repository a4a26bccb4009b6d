from media_app.core.time.progress import Progress, ProgressParser

BLOCK = b"frame=25\nout_time_us=1000000\nspeed=2.5x\nprogress=continue\n"


def test_blocks_are_read_however_the_pipe_cuts_them():
    parser = ProgressParser()
    found = [block for byte in BLOCK for block in parser.feed(bytes([byte]))]
    assert found == [Progress(seconds=1.0, frames=25, done=False)]


def test_time_that_is_not_known_yet_keeps_the_last_one():
    parser = ProgressParser()
    parser.feed(BLOCK)
    [block] = parser.feed(b"out_time_us=N/A\nspeed=N/A\nprogress=end\n")
    assert (block.seconds, block.done) == (1.0, True)


def test_percent_follows_from_the_length():
    progress = Progress(seconds=25)
    assert progress.percent(100) == 25
    assert progress.percent(None) is None
    assert progress.percent(10) == 100
    assert Progress(done=True).percent(None) == 100
