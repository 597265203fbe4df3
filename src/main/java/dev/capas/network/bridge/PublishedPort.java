package dev.capas.network.bridge;

import java.net.InetAddress;

/** A port of the host by which a port of a container is reached; {@code 0.0.0.0} and {@code ::} are all addresses of a family. */
public record PublishedPort(InetAddress hostAddress, int hostPort, int containerPort, Protocol protocol) {}
