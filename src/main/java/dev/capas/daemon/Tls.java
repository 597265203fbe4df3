package dev.capas.daemon;

import java.nio.file.Path;

/**
 * How TCP connections are secured.
 *
 * @param verify whether a client must show a certificate that the authority signed
 * @param authority PEM, the certificates that sign clients
 * @param certificate PEM, the daemon's own
 * @param key PEM, its private key
 */
record Tls(boolean verify, Path authority, Path certificate, Path key) {}
