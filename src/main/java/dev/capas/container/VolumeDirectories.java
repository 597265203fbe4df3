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

    private final Path root;

    VolumeDirectories(EngineHome home) {
        this.root = home.dataRoot().resolve("volumes");
    }

    /**
     * Gives a volume its place, and makes it where it is new; one without a name gets a random one.
     *
     * @throws EngineException if the name is none
     */
    MountPoint place(MountPoint volume) throws IOException {
        String given = volume.name();
        String name = given == null || given.isEmpty() ? Ids.random() : checked(given);
        return volume.placed(name, Files.createDirectories(path(name)).toString());
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

    /** Removes the volumes that nobody named and that went with their container. */
    void removeAnonymous(Container container) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Directory volumes = Directory.open(root)) {
            for (MountPoint mount : container.mounts()) {
                @Nullable String name = mount.name();
                if (mount.isVolume() && mount.anonymous() && name != null) {
                    volumes.removeTree(name.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }
}
