package dev.capas.container;

import dev.capas.volume.VolumeUsers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The containers of volumes. */
@Component
class ContainerVolumeUsers implements VolumeUsers {
    private final Containers containers;

    ContainerVolumeUsers(Containers containers) {
        this.containers = containers;
    }

    @Override
    public Map<String, List<String>> all() {
        Map<String, List<String>> users = new LinkedHashMap<>();
        for (Container container : containers.all().reversed()) {
            for (String volume : container.volumes()) {
                users.computeIfAbsent(volume, name -> new ArrayList<>()).add(container.id());
            }
        }
        return users;
    }

    @Override
    public Set<String> written() {
        return containers.inNoOrder().stream()
                .filter(container -> container.task().isPresent())
                .flatMap(container -> container.volumes().stream())
                .collect(Collectors.toSet());
    }
}
