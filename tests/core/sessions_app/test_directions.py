import pytest

from sessions_app.core.directions import closed, without

RLO, PDF, RLI, PDI = "\u202e", "\u202c", "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Team talk", "Team talk"),
        ("\u0633\u0644\u0627\u0645 \u200f", "\u0633\u0644\u0627\u0645 \u200f"),
        (f"a{RLO}b", f"a{RLO}b{PDF}"),
        (f"a{RLO}b{PDF}", f"a{RLO}b{PDF}"),
        (f"{RLI}a{RLO}b", f"{RLI}a{RLO}b{PDF}{PDI}"),
        (f"{RLI}a{RLO}b{PDI}c", f"{RLI}a{RLO}b{PDI}c"),
        (f"{RLO}a{PDI}b", f"{RLO}a{PDI}b{PDF}"),
        (f"a{RLO}b\r\nc{RLI}d\n", f"a{RLO}b{PDF}\r\nc{RLI}d{PDI}\n"),
    ],
)
def test_a_direction_that_a_text_opens_ends_with_its_line(text, shown):
    assert closed(text) == shown
    assert closed(shown) == shown


def test_a_text_of_which_the_directions_are_taken_keeps_its_letters():
    assert without(f"{RLI}ACME{RLO} X{PDI}") == "ACME X"
