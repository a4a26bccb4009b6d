"""Asking a hardware encoder for one picture."""

from media_app.core.ffmpeg.hardware import HARDWARE, Trial, reason_of


def test_a_picture_is_brought_to_where_the_encoder_reads_it():
    asked = {encoder.name: encoder.trial_args() for encoder in HARDWARE}
    for name, args in asked.items():
        assert args[args.index("-c:v") + 1] == name
        assert args[-1] == "-"
    vaapi = asked["h264_vaapi"]
    assert vaapi.index("-init_hw_device") < vaapi.index("-i")
    assert "hwupload" in vaapi[vaapi.index("-vf") + 1]
    assert "hwupload" not in asked["h264_nvenc"][asked["h264_nvenc"].index("-vf") + 1]


def test_the_reason_is_the_first_complaint_without_an_address_of_memory():
    heard = "\n[h264_nvenc @ 0x562db526c140] Cannot load libcuda.so.1\nError initializing output stream 0:0\n"
    assert reason_of(heard, "failed") == "Cannot load libcuda.so.1"
    assert reason_of("Unknown encoder 'h264_videotoolbox'\n", "failed") == "not in this build of ffmpeg"
    assert reason_of("", "was killed by signal 11") == "was killed by signal 11"


def test_an_encoder_without_a_reason_works():
    assert Trial(HARDWARE[0]).works
    assert not Trial(HARDWARE[0], "No device").works
