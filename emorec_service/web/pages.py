# SPDX-License-Identifier: Apache-2.0
"""Pages that run their own script only and talk to their own service only."""

import base64
import hashlib
from pathlib import Path
import re

from fastapi.responses import HTMLResponse
from starlette.routing import Route


def page_route(path: str, file: Path) -> Route:
    """Return the route of a page, which is read now."""
    text = file.read_text(encoding='utf-8')
    response = HTMLResponse(text, headers={'content-security-policy': content_policy(text)})
    return Route(path, response, methods=['GET'])


def content_policy(page: str) -> str:
    """Return a policy that lets a page run its own script and talk to its own service only."""
    hashes = {tag: ' '.join(_source_hash(text) for text in
                            re.findall(rf'<{tag}>(.*?)</{tag}>', page, re.DOTALL))
              for tag in ('script', 'style')}
    return (f"default-src 'none'; script-src {hashes['script']}; style-src {hashes['style']}; "
            "img-src 'self' blob: data:; media-src blob:; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


def _source_hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
