# docker run -p 8080:8080 -v ./scenarios:/scenarios:ro IMAGE
#
# Settings are environment variables, such as MOCKSERVER_STRICT=1, or options after the name of the image.
# Prefer the variable for the port: the health check reads it too.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY mockserver mockserver
COPY scenarios scenarios
# Wheels only: there is no compiler here, and none should be needed.
RUN PIP_BUILD_CONSTRAINT=constraints.txt pip wheel --quiet --no-deps --wheel-dir /wheels . \
    && python -m venv --without-pip /opt/mockserver \
    && pip --python /opt/mockserver/bin/python install --quiet --no-cache-dir --only-binary=:all: \
       -c constraints.txt "llm-mockserver[codings,fast] @ file://$(ls /wheels/*.whl)"

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --no-create-home mockserver
COPY --from=build /opt/mockserver /opt/mockserver
# A scenario that answers everything, until a folder is mounted over it.
COPY mockserver/offline.yaml /scenarios/
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_PORT=8080 \
    MOCKSERVER_SCENARIOS=/scenarios
USER mockserver
WORKDIR /scenarios
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"MOCKSERVER_PORT\"]}/__admin/health', timeout=2)"]
ENTRYPOINT ["mockserver", "serve"]
