package dev.capas.container;

import dev.capas.image.ImageUsers;
import dev.capas.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The containers of images. */
@Component
class ContainerUsers implements ImageUsers {
    private final Containers containers;

    ContainerUsers(Containers containers) {
        this.containers = containers;
    }

    @Override
    public List<User> of(Digest image) {
        return containers.inNoOrder().stream()
                .filter(container -> container.imageId().equals(image))
                .map(ContainerUsers::user)
                .toList();
    }

    @Override
    public Map<Digest, List<User>> all() {
        return containers.inNoOrder().stream()
                .collect(Collectors.groupingBy(
                        Container::imageId, Collectors.mapping(ContainerUsers::user, Collectors.toList())));
    }

    private static User user(Container container) {
        return new User(container.id(), container.state().running());
    }

    @Override
    public Map<Digest, Long> counts() {
        return containers.inNoOrder().stream()
                .filter(Containers::isVisible)
                .collect(Collectors.groupingBy(Container::imageId, Collectors.counting()));
    }
}
