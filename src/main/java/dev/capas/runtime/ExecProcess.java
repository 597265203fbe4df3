package dev.capas.runtime;

import java.util.concurrent.CompletableFuture;

/** An exec that runs. */
record ExecProcess(int pid, CompletableFuture<Integer> exit) implements ExecTask {}
