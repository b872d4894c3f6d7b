# All images of Camplane, one target each: docker build --target camera-service .
#
# Restricted networks (docs/guide/containers.md): build arguments replace the base images; the secrets
# `ca-certificates` and `npmrc` add certificates and npm settings without storing them in a layer.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG MEDIAMTX_IMAGE=docker.io/bluenviron/mediamtx:1.20.1

FROM ${MEDIAMTX_IMAGE} AS mediamtx

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# pnpm needs system certificates, which the slim image lacks.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY tools/node/package.json tools/node/
COPY tools/images/network-settings.sh tools/images/
RUN --mount=type=secret,id=ca-certificates --mount=type=secret,id=npmrc \
    . /build/tools/images/network-settings.sh \
 && npm install --global --no-audit --no-fund "pnpm@$(node -p "require('./tools/node/package.json').dependencies.pnpm")"
# Without the sources, so that a changed source file does not invalidate the downloads.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
RUN --mount=type=secret,id=ca-certificates --mount=type=secret,id=npmrc \
    . /build/tools/images/network-settings.sh \
 && pnpm fetch
COPY . .
RUN pnpm install --offline --frozen-lockfile --filter './packages/**' --filter './services/**' --filter @camplane/images \
 && pnpm --filter @camplane/dashboard build \
 && node tools/images/src/main.ts

# Base of all images: Node.js without package managers, an unprivileged user (initdb looks up its name), a data folder.
FROM ${NODE_IMAGE} AS runtime
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
 && echo 'camplane:x:10001:10001::/nonexistent:/usr/sbin/nologin' >> /etc/passwd \
 && install -d -o 10001 -g 10001 -m 0750 /data
WORKDIR /app
ENV NODE_ENV=production
USER 10001:10001
# Source maps cost 60 MiB: for stack traces with source lines set NODE_OPTIONS=--enable-source-maps.
CMD ["node", "main.js"]
# The certificate is for the public name, not for loopback. For Compose and docker run; Kubernetes uses its own probes. Each service below sets one of these ports.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", \
    "const {HTTP_PORT, TLS_CERT_FILE, CAMERA_SERVICE_PORT, DETECTION_SERVICE_PORT, OPERATOR_PORT, STREAM_PROXY_PORT} = process.env; if (TLS_CERT_FILE) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; fetch(`http${TLS_CERT_FILE ? 's' : ''}://127.0.0.1:${HTTP_PORT ?? CAMERA_SERVICE_PORT ?? DETECTION_SERVICE_PORT ?? OPERATOR_PORT ?? STREAM_PROXY_PORT}/healthz`).then(({ok}) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
LABEL org.opencontainers.image.vendor="Camplane" \
      org.opencontainers.image.licenses="Apache-2.0"

# The font is for slates.
FROM runtime AS runtime-ffmpeg
USER 0:0
# Removes 190 MB of OpenGL drivers, which FFmpeg needs only to open windows.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ffmpeg fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/log/* \
      /usr/lib/*/libLLVM-*.so* /usr/lib/*/libz3.so.* /usr/lib/*/dri/*_dri.so \
 && ffmpeg -hide_banner -version >/dev/null
USER 10001:10001

FROM runtime-ffmpeg AS camera-service
ENV DATA_DIR=/data CAMERA_SERVICE_HOST=0.0.0.0 CAMERA_SERVICE_PORT=9100 CAMPLANE_MEDIA_DIR=/media CAMPLANE_CAMERAS_FILE=/etc/camplane/cameras.json
EXPOSE 9100
COPY --from=build /build/LICENSE /build/.tools/bundles/camera-service/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane camera-service" \
      org.opencontainers.image.description="Supervised FFmpeg pipelines from cameras to MediaMTX and the event bus" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS detection-service
ENV DETECTION_SERVICE_HOST=0.0.0.0 DETECTION_SERVICE_PORT=9101
EXPOSE 9101
COPY --from=build /build/LICENSE /build/.tools/bundles/detection-service/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane detection-service" \
      org.opencontainers.image.description="Detects motion and objects in camera frames" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS control-api
ENV DATA_DIR=/data HTTP_HOST=0.0.0.0 HTTP_PORT=8080 DASHBOARD_DIR=/app/dashboard
EXPOSE 8080
COPY --from=build /build/LICENSE /build/.tools/bundles/control-api/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane control-api" \
      org.opencontainers.image.description="HTTP and WebSocket API, and the dashboard" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS camera-operator
ENV OPERATOR_HOST=0.0.0.0 OPERATOR_PORT=9102
EXPOSE 9102
COPY --from=build /build/LICENSE /build/.tools/bundles/camera-operator/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane camera-operator" \
      org.opencontainers.image.description="Kubernetes operator for Camera resources" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime-ffmpeg AS stream-proxy
ENV STREAM_PROXY_HOST=0.0.0.0 STREAM_PROXY_PORT=8081
EXPOSE 8081
COPY --from=build /build/LICENSE /build/.tools/bundles/stream-proxy/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane stream-proxy" \
      org.opencontainers.image.description="Live JPEG of cameras, over WebSocket and HTTP" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# All services and MediaMTX in one container, for Compose and docker run.
FROM runtime-ffmpeg AS standalone
ENV DATA_DIR=/data HTTP_HOST=0.0.0.0 HTTP_PORT=8080 MEDIA_HOST=0.0.0.0 CAMPLANE_MEDIA_DIR=/media
EXPOSE 8080 8554 8888 8889 8189/udp 8189/tcp
COPY --from=mediamtx /mediamtx /usr/local/bin/mediamtx
COPY --from=build /build/LICENSE /build/.tools/bundles/standalone/ ./
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Camplane" \
      org.opencontainers.image.description="All services and MediaMTX in one container" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
