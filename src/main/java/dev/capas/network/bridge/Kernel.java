package dev.capas.network.bridge;

import java.util.concurrent.ExecutorService;

/**
 * By what an engine changes the kernel's networks.
 *
 * @param threads platform threads in the host's network namespace, for what waits in foreign calls
 */
record Kernel(Links links, Firewall firewall, HostPorts ports, Program nft, ExecutorService threads) {}
