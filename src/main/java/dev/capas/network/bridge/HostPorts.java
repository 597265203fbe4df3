package dev.capas.network.bridge;

import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.InetSocket;
import dev.capas.linux.LinuxException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ports of the host that containers have. Each is held by a socket that is bound to it: nobody else gets it, and it is free again with
 * the last process that has the socket. Those of TCP listen, for only then is the port refused to others that allow its reuse.
 */
final class HostPorts {
    private static final String EPHEMERAL = "net/ipv4/ip_local_port_range";
    private static final int FIRST = 32768;
    private static final int LAST = 60999;

    private final Set<HostPort> taken = new HashSet<>();
    private int next;

    /** Who wants a port, for the message where it cannot be had. */
    record Applicant(String endpointId, InetAddress container) {}

    /** Nobody gets a port twice: these are the applicant's already. */
    synchronized Map<HostPort, Fd> reserve(PortRequest request, Applicant applicant, Map<HostPort, Fd> own)
            throws PortException {
        int first = request.firstHostPort();
        int last = Math.max(first, request.lastHostPort());
        int candidate = first;
        if (first == 0) {
            int[] range = ephemeral();
            first = range[0];
            last = range[1];
            candidate = next < first || next > last ? first : next;
        }
        @Nullable PortException failure = null;
        boolean allAllocated = first != last;
        for (int tried = 0; tried <= last - first; tried++) {
            try {
                Map<HostPort, Fd> got = takeAll(request, candidate, applicant, own);
                if (request.firstHostPort() == 0) {
                    next = candidate + 1;
                }
                return got;
            } catch (Allocated e) {
                failure = e.failure;
            } catch (PortException e) {
                failure = e;
                allAllocated = false;
            }
            candidate = candidate == last ? first : candidate + 1;
        }
        if (allAllocated || failure == null) {
            throw new PortException(applicant.endpointId, "all ports are allocated");
        }
        throw failure;
    }

    /** The port is another container's. */
    private static final class Allocated extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient PortException failure;

        Allocated(PortException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private Map<HostPort, Fd> takeAll(PortRequest request, int number, Applicant applicant, Map<HostPort, Fd> own)
            throws PortException, Allocated {
        Map<HostPort, Fd> got = new LinkedHashMap<>();
        boolean complete = false;
        try {
            for (InetAddress address : request.hostAddresses()) {
                HostPort port = new HostPort(address, number, request.protocol());
                Fd socket = own.get(port);
                if (socket == null) {
                    socket = take(port, request, applicant);
                } else if (port.protocol() == Protocol.TCP) {
                    InetSocket.listenAgain(socket);
                }
                if (socket != null) {
                    got.put(port, socket);
                }
            }
            complete = true;
            return got;
        } catch (LinuxException e) {
            throw new PortException(
                    applicant.endpointId, "failed to listen on host port " + number + ": " + e.reason());
        } finally {
            if (!complete) {
                got.keySet().removeAll(own.keySet());
                release(got);
            }
        }
    }

    /** A socket at the port; null where the host has no IPv6 and there is another address. */
    private @Nullable Fd take(HostPort port, PortRequest request, Applicant applicant) throws PortException, Allocated {
        for (HostPort other : taken) {
            if (other.overlaps(port)) {
                throw new Allocated(new PortException(
                        applicant.endpointId,
                        "Bind for " + AddressText.of(other.address()) + ":" + port.number()
                                + " failed: port is already allocated"));
            }
        }
        try {
            Fd socket = port.protocol() == Protocol.TCP
                    ? InetSocket.listen(port.address(), port.number())
                    : InetSocket.datagrams(port.address(), port.number());
            taken.add(port);
            return socket;
        } catch (LinuxException e) {
            if (port.isIpv6()
                    && request.hostAddresses().size() > 1
                    && (e.errno() == Errno.EAFNOSUPPORT || e.errno() == Errno.EADDRNOTAVAIL)) {
                return null;
            }
            throw new PortException(
                    applicant.endpointId,
                    "failed to bind host port for %s:%s/%s: %s"
                            .formatted(
                                    AddressText.of(port.address(), port.number()),
                                    AddressText.of(applicant.container, request.containerPort()),
                                    port.protocol(),
                                    e.reason()));
        }
    }

    /** Takes over the sockets of a container that an earlier daemon has started. */
    synchronized void adopt(Set<HostPort> ports) {
        taken.addAll(ports);
    }

    /** Gives ports back: they are free once nobody else has the sockets. */
    synchronized void release(Map<HostPort, Fd> ports) {
        ports.forEach((port, socket) -> {
            taken.remove(port);
            socket.close();
        });
    }

    private static int[] ephemeral() {
        try {
            String[] range = Sysctl.get(EPHEMERAL).split("\\s+");
            return new int[] {Integer.parseInt(range[0]), Integer.parseInt(range[1])};
        } catch (IOException | NumberFormatException e) {
            return new int[] {FIRST, LAST};
        }
    }
}
