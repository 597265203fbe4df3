# The engine with all that it starts; docker-compose.yml runs it. It needs a privileged container.
FROM eclipse-temurin:25-jdk AS jdk

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates conmon crun curl findutils golang-github-containers-common iproute2 nftables tini util-linux \
    && rm -rf /var/lib/apt/lists/*
COPY --from=jdk /opt/java/openjdk /opt/java
COPY . /opt/capas
RUN /opt/capas/capas version && rm -rf /root/.m2
VOLUME /var/lib/capas
ENTRYPOINT ["/opt/capas/capas"]
CMD ["daemon"]
