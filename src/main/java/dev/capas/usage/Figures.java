package dev.capas.usage;

import dev.capas.container.ContainerLogs;
import dev.capas.container.Containers;
import dev.capas.container.State;
import dev.capas.home.EngineHome;
import dev.capas.image.ImagePull;
import dev.capas.volume.VolumeSizes;
import java.io.File;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** What everything weighs in a few numbers, for monitors that ask again and again: two statements, and no walk of a disk. */
@Service
public class Figures {
    private final JdbcClient jdbc;
    private final Containers containers;
    private final ContainerLogs logs;
    private final VolumeSizes volumes;
    private final ImagePull pulls;
    private final EngineHome home;

    Figures(
            JdbcClient jdbc,
            Containers containers,
            ContainerLogs logs,
            VolumeSizes volumes,
            ImagePull pulls,
            EngineHome home) {
        this.jdbc = jdbc;
        this.containers = containers;
        this.logs = logs;
        this.volumes = volumes;
        this.pulls = pulls;
        this.home = home;
    }

    /**
     * Layers, each once.
     *
     * @param size apparent bytes
     * @param diskUsage allocated bytes
     * @param shared apparent bytes of those that several images list
     * @param reclaimable apparent bytes of those that no container needs: what goes with all images that are not used
     */
    public record Layers(long count, long size, long diskUsage, long shared, long reclaimable) {}

    /**
     * The numbers as they are now.
     *
     * @param images how many
     * @param containers how many, by state
     * @param logs bytes of the logs of containers
     * @param volumes what those weigh that were ever measured, when they last were
     * @param pulls how many ended well since the engine started
     * @param failedPulls how many did not
     * @param free bytes that are left where the engine keeps what it owns
     * @param total bytes that the file system there has
     */
    public record Totals(
            Layers layers,
            long images,
            Map<State.Status, Integer> containers,
            long logs,
            VolumeSizes.Total volumes,
            long pulls,
            long failedPulls,
            long free,
            long total) {}

    /** Adds up what is known. */
    public Totals totals() {
        File root = home.dataRoot().toFile();
        return new Totals(
                layers(),
                jdbc.sql("select count(*) from image").query(Long.class).single(),
                containers.count(),
                containers.all().stream().mapToLong(logs::size).sum(),
                volumes.known(),
                pulls.succeeded(),
                pulls.failed(),
                root.getUsableSpace(),
                root.getTotalSpace());
    }

    private Layers layers() {
        return jdbc.sql("""
                        select count(*), coalesce(sum(l.size), 0), coalesce(sum(l.disk_usage), 0),
                         coalesce(sum(case when u.images > 1 then l.size end), 0),
                         coalesce(sum(case when c.layer is null and m.layer is null then l.size end), 0)
                        from layer l
                         left join (select layer, count(distinct image) as images from image_layer group by layer) u on u.layer = l.diff_id
                         left join (select distinct layer from container_layer) c on c.layer = l.diff_id
                         left join (select distinct layer from mounted_layer) m on m.layer = l.diff_id""")
                .query((row, number) ->
                        new Layers(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)))
                .single();
    }
}
