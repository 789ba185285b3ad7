# One image for every role: `docker run IMAGE serve`, `api`, `worker`, `migrate`, …
FROM rust:1-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package wxgate

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/wxgate wxgate \
    && install --directory --owner=wxgate --mode=0700 /var/lib/wxgate/data
COPY --from=build /source/target/release/wxgate /usr/local/bin/wxgate

USER wxgate
# The embedded store lives in ./data: the database, its queue and the key made on first start.
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
