package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.linux.Directory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Where volumes lie: {@code volumes/<name>/_data} below the data root. */
@Component
class VolumeDirectories {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

    private final Containers containers;
    private final Path root;

    VolumeDirectories(Containers containers, EngineHome home) {
        this.containers = containers;
        this.root = home.dataRoot().resolve("volumes");
    }

    /**
     * Gives a volume its place, and makes it where it is new; one without a name gets a random one.
     *
     * @param driver the one that the container asks for, empty for the engine's own
     * @throws EngineException if the name is none, or there is no such driver (404)
     */
    MountPoint place(MountPoint volume, String driver) throws IOException {
        String given = volume.name();
        String name = given == null || given.isEmpty() ? Ids.random() : checked(given);
        String wanted = driver(volume, driver);
        if (!wanted.isEmpty() && !wanted.equals("local")) {
            throw EngineException.notFound("create " + name + ": error looking up volume plugin " + wanted
                    + ": plugin \"" + wanted + "\" not found");
        }
        return volume.placed(name, Files.createDirectories(path(name)).toString());
    }

    private static String driver(MountPoint volume, String otherwise) {
        Mount.Driver own =
                volume.volumeOptions() == null ? null : volume.volumeOptions().driverConfig();
        return own == null || own.name() == null || own.name().isEmpty() ? otherwise : own.name();
    }

    private Path path(String name) {
        return root.resolve(name).resolve("_data");
    }

    private static String checked(String name) {
        if (name.length() == 1) {
            throw EngineException.invalidParameter("create " + name
                    + ": volume name is too short, names should be at least two alphanumeric characters");
        }
        if (!NAME.matcher(name).matches()) {
            throw EngineException.invalidParameter("create " + name + ": \"" + name
                    + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are"
                    + " allowed. If you intended to pass a host directory, use absolute path");
        }
        return name;
    }

    /** Removes the volumes that nobody named and that no container has any more. */
    void removeAnonymous(Container container) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Directory volumes = Directory.open(root)) {
            for (MountPoint mount : container.mounts()) {
                @Nullable String name = mount.name();
                if (mount.isVolume() && mount.anonymous() && name != null && !used(name, container)) {
                    volumes.removeTree(name.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    private boolean used(String name, Container except) {
        return containers.all().stream()
                .filter(container -> container != except)
                .flatMap(container -> container.mounts().stream())
                .anyMatch(mount -> name.equals(mount.name()));
    }
}
