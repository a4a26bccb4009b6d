# syntax=docker/dockerfile:1
# The pages' JavaScript
FROM node:24-slim AS pages
WORKDIR /studio
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./frontend
RUN npm run build

# The locked Python packages
FROM python:3.12-slim-bookworm AS packages
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt

FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 studio \
    && install -d -o studio -g studio /var/lib/studio \
    && install -d -o studio -g studio -m 700 /scratch
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STUDIO_VAR=/var/lib/studio
COPY --from=packages /opt/venv /opt/venv
WORKDIR /studio
COPY . .
COPY --from=pages /studio/build ./build
COPY --from=pages /studio/node_modules/uplot/dist ./node_modules/uplot/dist
COPY --from=pages /studio/node_modules/@fontsource ./node_modules/@fontsource
COPY --from=pages /studio/node_modules/@fontsource-variable ./node_modules/@fontsource-variable
USER studio
VOLUME ["/var/lib/studio", "/scratch"]
EXPOSE 8000
# Of the one container that does everything; docker-compose.yml has those of its parts.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--workers", "1"]
