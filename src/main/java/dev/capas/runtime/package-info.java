/** How a created container becomes processes: the OCI bundle, an OCI runtime, conmon, cgroups, the stream hub. */
@NullMarked
package dev.capas.runtime;

import org.jspecify.annotations.NullMarked;
