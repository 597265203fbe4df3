/** What dockerd answered to the requests under {@code src/test/resources/answers}, recorded, and whether this engine answers the same. */
@org.jspecify.annotations.NullMarked
package dev.capas.answers;
