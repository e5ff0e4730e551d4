# SPDX-License-Identifier: Apache-2.0
"""What the pages name exists: linked files, headings, and paths of the tree."""
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob('*.md'), *ROOT.glob('docs/*.md')])
ROOMS = ('action', 'benchmarks', 'config', 'docs', 'emorec_cli', 'emorec_ros', 'emorec_service',
         'emorec_training', 'emorec_vision', 'examples', 'launch', 'models', 'msg',
         'requirements', 'srv', 'test', 'tools')
LINK = re.compile(r'\]\(([^)\s]+)\)')
NAMED = re.compile(rf'`((?:{"|".join(ROOMS)})/[\w./-]*)`|(?:python3? )(benchmarks/\w+\.py)')


def anchors(page: Path) -> set[str]:
    """Return what links may name in a page, as GitHub makes it of its headings."""
    headings = re.findall(r'^#+ (.+)$', page.read_text(), re.MULTILINE)
    return {re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-') for heading in headings}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Linked files are there, and so are the headings in them."""
    for link in LINK.findall(page.read_text()):
        if '://' in link or link.startswith('mailto:'):
            continue
        file, _, anchor = link.partition('#')
        target = page.parent / file if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_named_path_exists(page: Path) -> None:
    """A file or folder of the tree that a page names is there."""
    for pair in NAMED.findall(page.read_text()):
        path = pair[0] or pair[1]
        assert (ROOT / path).exists(), path
