/** The engine as its users meet it: a daemon process of its own, the real docker CLI, a real dockerd to compare with. */
@NullMarked
package dev.capas.e2e;

import org.jspecify.annotations.NullMarked;
