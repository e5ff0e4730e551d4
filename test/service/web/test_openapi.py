# SPDX-License-Identifier: Apache-2.0
"""The service, asked everything that its own OpenAPI description allows, and what it does not."""

import pytest

schemathesis = pytest.importorskip('schemathesis', reason='requirements/test.txt is needed')
pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from hypothesis import HealthCheck  # noqa: E402, I100
from hypothesis import Phase  # noqa: E402
from hypothesis import settings  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

EXAMPLES = 6


@pytest.fixture
def api(serve):
    """Return the description of a service that knows no name of the network."""
    client = serve(host='0.0.0.0', token=None)
    return schemathesis.openapi.from_asgi('/openapi.json', client.app)


schema = schemathesis.pytest.from_fixture('api')


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate],
          suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_every_answer_is_one_that_is_described(case):
    """No answer is a 500, and each has a described status, media type and form.

    Not every text is a picture, which a schema cannot say: that one is checked elsewhere.
    """
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
