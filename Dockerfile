# One image for every role: `docker run IMAGE serve`, `api`, `worker`, `migrate`, …
FROM rust:1-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package wxgate

FROM debian:bookworm-slim
# Without Upyun voice is converted by ffmpeg, which makes the image several times as large:
# docker build --build-arg WITH=ffmpeg
ARG WITH=
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates ${WITH} \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 wxgate \
    && useradd --uid 10001 --gid wxgate --create-home --home-dir /var/lib/wxgate --shell /usr/sbin/nologin wxgate \
    && install --directory --owner=wxgate --group=wxgate --mode=0700 /var/lib/wxgate/data
COPY --from=build /source/target/release/wxgate /usr/local/bin/wxgate

# By number, so that an orchestrator can tell that it is not root.
USER 10001
# ./data has the embedded store (the database, its queue, the key made on first start), and media unless Upyun
# keeps them.
WORKDIR /var/lib/wxgate
VOLUME /var/lib/wxgate/data
# Inside a container, 127.0.0.1 would be nobody's address but its own.
ENV WXGATE_LISTEN=0.0.0.0:8080
EXPOSE 8080

# The image has no HTTP client besides bash. A worker answers on 8082: set HEALTH_PORT there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${HEALTH_PORT:-8081} && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [[ $status == 200 ]]"]

ENTRYPOINT ["wxgate"]
CMD ["serve"]
