package dev.capas.network.bridge;

import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;

/**
 * Keeps the JVM's own resolver for the daemon's own names: dnsjava offers itself in its place to every program that has it on its class
 * path, and the first one found is taken.
 */
public final class BuiltinResolver extends InetAddressResolverProvider {
    @Override
    public InetAddressResolver get(Configuration configuration) {
        return configuration.builtinResolver();
    }

    @Override
    public String name() {
        return "built in";
    }
}
