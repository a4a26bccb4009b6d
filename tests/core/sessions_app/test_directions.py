import pytest

from sessions_app.core.directions import isolated, without

RLO, PDF, RLI, FSI, PDI = "\u202e", "\u202c", "\u2067", "\u2068", "\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Team talk", "Team talk"),
        ("\u0633\u0644\u0627\u0645 \u200f", "\u0633\u0644\u0627\u0645 \u200f"),
        (f"a{RLO}b", f"{FSI}a{RLO}b{PDF}{PDI}"),
        (f"{RLI}a{RLO}b", f"{FSI}{RLI}a{RLO}b{PDF}{PDI}{PDI}"),
        (f"{RLI}a{RLO}b{PDI}c", f"{FSI}{RLI}a{RLO}b{PDI}c{PDI}"),
        (f"{RLO}a{PDI}b", f"{FSI}{RLO}ab{PDF}{PDI}"),
        (f"{FSI}a{PDI} and {FSI}b{PDI}", f"{FSI}{FSI}a{PDI} and {FSI}b{PDI}{PDI}"),
        (f"a{RLO}b\r\nc\n", f"{FSI}a{RLO}b{PDF}{PDI}\r\nc\n"),
    ],
)
def test_a_direction_that_a_text_opens_stays_within_its_line(text, shown):
    assert isolated(text) == shown
    assert isolated(shown) == shown


def test_a_text_of_which_the_directions_are_taken_keeps_its_letters():
    assert without(f"{RLI}ACME{RLO} X{PDI}") == "ACME X"
