# redis-server for clusters and engines that cannot pull the public image; the chart runs either with the same settings.
ARG BASE_IMAGE=debian:trixie-slim
FROM ${BASE_IMAGE}
RUN set -eu; \
    printf 'path-exclude=/usr/share/%s/*\n' doc man locale > /etc/dpkg/dpkg.cfg.d/videojobs; \
    apt-get update; \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log; \
    install -d -o 10001 -g 10001 /data
USER 10001:10001
WORKDIR /data
ENTRYPOINT []
CMD ["redis-server"]
