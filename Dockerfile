# The server as a small image: docker build -t contest-server . && docker run -p 8000:8000 -v contest:/data contest-server
# BASE is any Debian or Ubuntu image with Python >= 3.11 and its venv module. Node is needed only in the first stage and comes from a Python package.
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
# A mirror of the package indexes, for whoever needs one: --build-arg PIP_INDEX_URL=… --build-arg NPM_CONFIG_REGISTRY=…
ARG PIP_INDEX_URL
ARG NPM_CONFIG_REGISTRY
WORKDIR /src
# A compiler for a few lines of C; where it cannot be had, the server does the same in Python.
# hadolint ignore=DL3008
RUN { apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev; } || echo "no compiler here"
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --requirement requirements-build.lock \
 && python3 -m venv /opt/contest \
 && /opt/contest/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/contest/bin/pip install --no-cache-dir --no-deps /wheels/*.whl \
 && /opt/contest/bin/python -m compileall -q /opt/contest/lib \
 && /opt/contest/bin/pip uninstall --yes pip

FROM ${BASE}
LABEL org.opencontainers.image.title="contest-server" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --create-home --home-dir /data contest
COPY --from=build /opt/contest /opt/contest
ENV PATH=/opt/contest/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CONTEST_DB=sqlite:////data/contest.db \
    CONTEST_HOST=0.0.0.0 \
    CONTEST_PORT=8000
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['CONTEST_PORT']}/health/live\", timeout=2)"]
ENTRYPOINT ["contest-server"]
CMD ["serve"]
