# The scoring service.  Build in this folder:  docker build -t riskengine .
# Two stages: the first installs pinned packages by hash and compiles the kernels, the second
# holds what runs.  No secret is in it: they come as files under RISKENGINE_SECRETS_DIR.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
WORKDIR /srv/riskengine
COPY constraints-service.txt ./
RUN /opt/venv/bin/pip install --require-hashes -r constraints-service.txt
COPY pyproject.toml README.md LICENSE ./
COPY riskengine riskengine
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation .
COPY models models
COPY service service
COPY examples examples
ENV RISKENGINE_CACHE=1 NUMBA_CACHE_DIR=/opt/numba PATH=/opt/venv/bin:$PATH
RUN python -m compileall -q riskengine models service
RUN python -m service warm

FROM python:3.11.14-slim-bookworm
# numba's threads need the system's OpenMP: without it parallel kernels stop the process.
RUN apt-get update \
    && apt-get install --no-install-recommends --yes libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/riskengine riskengine \
    && mkdir -p /data && chown riskengine /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=riskengine /opt/numba /opt/numba
COPY --from=build /srv/riskengine /srv/riskengine
COPY --from=build --chown=riskengine /srv/riskengine/models/registry /srv/riskengine/models/registry
WORKDIR /srv/riskengine
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    RISKENGINE_CACHE=1 NUMBA_CACHE_DIR=/opt/numba \
    RISKENGINE_HOST=0.0.0.0 RISKENGINE_PORT=8000 RISKENGINE_DATA=/data RISKENGINE_DEMO=false
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-m", "service.serving.probe", "/ready"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "service", "serve"]
