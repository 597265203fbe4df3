package dev.capas.runtime;

import dev.capas.linux.Fd;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What crun keeps of a container in {@code <root>/<id>}. Its {@code start} and its {@code delete} are a few system calls, and a program
 * to load for each: a fifth of a short run. They are made here where all is as crun leaves it, and are the program's to make
 * otherwise, which also says what is wrong.
 *
 * @param directory may be that of another runtime, or not be there
 */
record CrunState(Path directory) {
    /** Lets init go, which waits at a fifo. False where it does not. */
    boolean start() {
        if (!Files.exists(status())) {
            return false;
        }
        Path fifo = directory.resolve("exec.fifo");
        try (Fd end = Fd.open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK, 0)) {
            end.writeAll(new byte[1], 0, 1);
            Files.deleteIfExists(fifo);
            return true;
        } catch (IOException e) {
            return left("started", e);
        }
    }

    /** Removes the cgroups and the directory of a container whose init has ended. False where something is left, such as processes. */
    boolean delete() {
        if (!Files.exists(status())) {
            return false;
        }
        try {
            JsonNode status = Json.MAPPER.readTree(Files.readAllBytes(status()));
            String cgroup = status.path("cgroup-path").asString("");
            if (cgroup.isEmpty() || status.path("systemd-cgroup").asBoolean(true) || !Cgroup.remove(cgroup)) {
                return false;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            Files.delete(directory);
            return true;
        } catch (IOException | JacksonException e) {
            return left("deleted", e);
        }
    }

    private Path status() {
        return directory.resolve("status");
    }

    private boolean left(String what, Exception why) {
        System.getLogger(CrunState.class.getName())
                .log(System.Logger.Level.DEBUG, directory.getFileName() + " is to be " + what + " by crun", why);
        return false;
    }
}
