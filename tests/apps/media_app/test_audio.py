import struct
import threading

import numpy as np
import pytest

from media_app.audio import NotWav, WavWriter, open_wav
from tests.support.media import write_wav


def wav_bytes(form, data, *, data_length=None, extra=b""):
    length = len(data) if data_length is None else data_length
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I", length) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def form(channels=1, rate=48_000, bits=16, tag=1):
    width = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * width, width, bits)


def test_a_stretch_is_read_as_the_mean_of_its_channels(tmp_path):
    sound = np.stack([np.linspace(-0.5, 0.5, 1000), np.zeros(1000)], axis=1).astype(np.float32)
    with open_wav(write_wav(tmp_path / "a.wav", sound), label="B") as wav:
        assert (wav.label, wav.rate, wav.frames, wav.channels) == ("B", 48_000, 1000, 2)
        assert wav.read(100, 50) == pytest.approx(sound[100:150].mean(axis=1), abs=1e-4)
        assert wav.read(100, 50).dtype == np.float32
        assert wav.read_channels(0, 10).shape == (10, 2)


def test_reading_past_the_end_gives_what_there_is(tmp_path):
    with open_wav(write_wav(tmp_path / "a.wav", np.zeros(100, np.float32))) as wav:
        assert len(wav.read(90, 50)) == 10
        assert len(wav.read(500, 50)) == 0
        assert sum(len(block) for block in wav.blocks(33)) == 100
        with pytest.raises(ValueError, match="negative"):
            wav.read(-1, 10)


@pytest.mark.parametrize(
    ("bits", "tag", "pack"),
    [
        (16, 1, lambda v: struct.pack("<h", int(v * 2**15))),
        (24, 1, lambda v: struct.pack("<i", int(v * 2**31))[1:]),
        (32, 1, lambda v: struct.pack("<i", int(v * 2**31))),
        (32, 3, lambda v: struct.pack("<f", v)),
    ],
)
def test_every_depth_reads_the_same_values(bits, tag, pack, tmp_path):
    path = tmp_path / "a.wav"
    values = [0.0, 0.5, -0.5, 0.25]
    path.write_bytes(wav_bytes(form(bits=bits, tag=tag), b"".join(map(pack, values))))
    with open_wav(path) as wav:
        assert wav.read(0, 4).tolist() == values


def test_chunks_before_the_sound_are_passed_over(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(form(), b"\0\x40" * 10, extra=b"bext" + struct.pack("<I", 3) + b"abc\0"))
    with open_wav(path) as wav:
        assert wav.frames == 10
        assert wav.read(0, 1)[0] == 0.5


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 1_000_000])
def test_a_header_that_was_never_finished_counts_to_the_end_of_the_file(length, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(form(), bytes(200), data_length=length))
    with open_wav(path) as wav:
        assert wav.frames == 100


def test_rf64_beyond_four_gigabytes_is_read_at_its_end(tmp_path):
    path = tmp_path / "long.wav"
    frames = 2_200_000_000
    head = b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<IQQQI", 28, frames * 2 + 72, frames * 2, frames, 0)
    head += b"fmt " + struct.pack("<I", 16) + form() + b"data" + b"\xff" * 4
    with path.open("wb") as file:
        file.write(head)
        file.seek(len(head) + (frames - 1) * 2)
        file.write(struct.pack("<h", 16384))
    with open_wav(path) as wav:
        assert wav.frames == frames
        assert wav.read(frames - 2, 10).tolist() == [0.0, 0.5]


def test_several_threads_may_read_at_once(tmp_path):
    sound = np.random.default_rng(1).uniform(-0.9, 0.9, 100_000).astype(np.float32)
    wrong = []
    with open_wav(write_wav(tmp_path / "a.wav", sound)) as wav:

        def work(start):
            for _ in range(50):
                if not np.allclose(wav.read(start, 1000), sound[start : start + 1000], atol=1e-4):
                    wrong.append(start)

        threads = [threading.Thread(target=work, args=(start,)) for start in (0, 20_000, 70_000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"OggS" + bytes(100),
        wav_bytes(form(bits=8), bytes(10)),
        wav_bytes(form(channels=0), bytes(10)),
        b"RIFF\0\0\0\0WAVE",
    ],
)
def test_what_is_no_wav_is_refused(data, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(NotWav, match=r"a\.wav"):
        open_wav(path)


@pytest.mark.parametrize("int16", [True, False])
def test_what_is_written_in_blocks_is_read_back(int16, tmp_path):
    samples = np.random.default_rng(3).integers(-32768, 32767, (5000, 2)).astype(np.int16)
    block = samples if int16 else samples.astype(np.float32) / 32768
    with WavWriter(tmp_path / "out.wav", 44_100, 2, int16=int16) as out:
        out.write(block[:1234])
        out.write(block[1234:])
    with open_wav(tmp_path / "out.wav") as wav:
        assert (wav.rate, wav.channels, wav.frames, wav.is_int16) == (44_100, 2, 5000, int16)
        assert np.array_equal(wav.read_channels(0, 5000), samples.astype(np.float32) / 32768)


def test_a_file_above_four_gibibytes_says_its_length_in_64_bits(tmp_path, monkeypatch):
    monkeypatch.setattr("media_app.audio._UNKNOWN_SIZE", 1000)
    with WavWriter(tmp_path / "long.wav", 48_000, 1) as out:
        out.write(np.zeros(4000, np.float32))
    monkeypatch.undo()
    written = bytearray((tmp_path / "long.wav").read_bytes())
    assert (written[:4], written[12:16]) == (b"RF64", b"ds64")
    for at in (4, 76):
        written[at : at + 4] = b"\xff" * 4
    (tmp_path / "long.wav").write_bytes(written)
    with open_wav(tmp_path / "long.wav") as wav:
        assert wav.frames == 4000
