# SPDX-License-Identifier: Apache-2.0
# `emorec serve` (target serve, the last one) and `emorec live` (target live); docs/docker.md.
FROM debian:bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
      ca-certificates gcc g++ libfreenect-dev libgl1 libglib2.0-0 make python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home emorec \
    && install --directory --owner=emorec /emorec /data
USER 10001
WORKDIR /emorec
COPY --chown=emorec . .
ENV XDG_DATA_HOME=/data PATH=/emorec/.venv/bin:$PATH
RUN tools/setup.sh serve && rm -rf ~/.cache
VOLUME /data

FROM build AS live
EXPOSE 5050
ENTRYPOINT ["emorec", "live"]

FROM build AS serve
EXPOSE 5000
# The first start makes the token that callers must show.
ENTRYPOINT ["/bin/bash", "-euo", "pipefail", "-c", "\
  umask 077; \
  [ -s /data/token ] || python3 -c 'import secrets; print(secrets.token_hex(16))' >/data/token; \
  exec emorec serve --host 0.0.0.0 --db sqlite:////data/results.db --token-file /data/token \"$@\"", \
  "serve"]
HEALTHCHECK --start-period=30s CMD ["python3", "-c", "\
import urllib.request as u; \
token = open('/data/token').read().strip(); \
u.urlopen(u.Request('http://127.0.0.1:5000/health', headers={'Authorization': f'Bearer {token}'}), timeout=5)"]
