# SPDX-License-Identifier: Apache-2.0
"""The two pages and the description of the API."""


def test_the_description_and_both_pages_need_nothing_from_outside(client):
    for path in ('/', '/docs'):
        page = client.get(path)
        assert page.status_code == 200
        assert 'http://' not in page.text and 'https://' not in page.text
        assert "default-src 'none'" in page.headers['content-security-policy']
    paths = client.get('/openapi.json').json()['paths']
    assert {'/index', '/pictures', '/pictures/{picture_id}', '/export'} <= set(paths)
