"""What citizens are told of their data is the same in the repository and on the site."""

import re
from pathlib import Path

from tests.conftest import PROJECT
from tests.portal.pages import Page


def test_the_page_of_privacy_says_what_the_repository_says(site: Path) -> None:
    said = re.sub(r"\s+", "", Page(site / "privacidad.html").text)
    blocks = re.split(r"\n\s*\n|\n(?=- )", (PROJECT / "PRIVACIDAD.md").read_text("utf-8"))
    # The link to the technical version and the address of contact are the repository's own.
    own = [block for block in blocks if not block.startswith(">") and "PRIVACY.md" not in block]
    assert len(own) > 15
    for block in own:
        assert re.sub(r"\*\*|^#+ |^- |\s+", "", block, flags=re.MULTILINE) in said, block
