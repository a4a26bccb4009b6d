"""Which clips of a camera are chapters of one recording."""

from media_app.core.cards import chapters
from media_app.core.cards.takes import CardFile, takes_of


def clips(*names: str, size: int = 0) -> dict[int, CardFile]:
    return {number: CardFile(name, size) for number, name in enumerate(names, 1)}


def test_a_chapter_continues_the_one_before_it_whatever_their_clip_numbers():
    assert chapters.links(clips("GX030012.MP4", "GX010012.MP4", "GX020012.MP4", "GX010013.MP4")) == {3: 2, 1: 3}


def test_nothing_continues_across_a_gap_or_in_another_codec():
    assert chapters.links(clips("GX010012.MP4", "GX030012.MP4")) == {}
    assert chapters.links(clips("GX010012.MP4", "GH020012.MP4")) == {}


def test_a_full_file_is_continued_by_the_next_number():
    assert chapters.links(clips("C0001.MP4", "C0002.MP4", size=(4 << 30) - 1000)) == {2: 1}
    assert chapters.links(clips("C0001.MP4", "C0003.MP4", size=(4 << 30) - 1000)) == {}
    assert chapters.links(clips("C0001.MP4", "C0002.MP4", size=1 << 30)) == {}


def test_names_that_say_nothing_are_never_linked():
    assert chapters.links(clips("wide.mp4", "wide 2.mp4", "take_0001.mov")) == {}


def test_the_same_chapter_twice_is_found_where_its_size_agrees():
    assert chapters.doubled(clips("GX010012.MP4", "GX020012.MP4", "gx020012.mp4", size=1000), 3) == [2]
    assert chapters.doubled(clips("GX010012.MP4", "GX020012.MP4", size=1000), 2) == []
    assert chapters.doubled(clips("C0001.MP4", "C0001.MP4", size=1000), 2) == []


def test_one_name_and_two_sizes_are_two_recordings():
    cards = {1: CardFile("GX010001.MP4", 1000), 2: CardFile("GX010001.MP4", 2000), 3: CardFile("GX020001.MP4", 2000)}

    assert chapters.doubled(cards, 2) == []
    assert chapters.links({key: cards[key] for key in (1, 2)}) == {}
    assert list(chapters.links(cards)) == [3]


def test_the_folder_shows_of_which_card_a_chapter_is():
    named = {
        1: CardFile("Wide card 1/GX010001.MP4", 1000),
        2: CardFile("Wide card 2/GX010001.MP4", 2000),
        3: CardFile("Wide card 2/GX020001.MP4", 500),
    }

    assert chapters.links(named) == {3: 2}


def test_faults_are_sentences():
    (take,) = takes_of(clips("GX010012.MP4", "GX030012.MP4").values())
    (fault,) = take.faults

    assert fault == "Between GX010012.MP4 and GX030012.MP4, chapter 2 is missing. Copy what is missing from the card."
