/** The plain data of the OCI specifications that every package speaks of: digests, references, platforms. */
@NullMarked
package dev.capas.oci;

import org.jspecify.annotations.NullMarked;
