/** Networks in the kernel: bridges, the network namespaces of containers, address translation, published ports, names. */
@NullMarked
package dev.capas.network.bridge;

import org.jspecify.annotations.NullMarked;
