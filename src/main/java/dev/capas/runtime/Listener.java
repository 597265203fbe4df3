package dev.capas.runtime;

/** Who hears what a hub reads. Nothing here may wait. */
interface Listener {
    /** Takes a chunk; false once it wants no more. */
    boolean put(StreamHub.Chunk chunk);

    /** Nothing more will come. */
    void end();
}
