package dev.capas.usage;

import dev.capas.linux.LinuxException;
import dev.capas.linux.TreeUsage;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What the store knows of the layers' weights, which divides into trees, journals and saved payloads. */
@Component
class LayerFigures {
    private static final String JOURNAL = "journal";
    private static final String SAVED = "saved";

    private final JdbcClient jdbc;

    LayerFigures(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Counts all below {@code layers}. Of a layer its journal is looked at, and what it has saved, which few have; what lies there and is no
     * layer is walked.
     */
    void count(Place layers, Space.Account account) throws LinuxException {
        Map<String, TreeUsage> known = known();
        account.add(Space.Kind.LAYERS, 0, layers.own());
        layers.each(below -> {
            if (!below.name().equals("sha256")) {
                account.add(Space.Kind.LAYERS, 0, below.usage());
                return;
            }
            account.add(Space.Kind.LAYERS, 0, below.own());
            below.each(place -> {
                TreeUsage figure = known.get(place.name());
                if (figure == null) {
                    account.add(Space.Kind.OTHER, 1, place.usage());
                } else {
                    count(place, figure, account);
                }
            });
        });
    }

    private static void count(Place layer, TreeUsage figure, Space.Account account) throws LinuxException {
        TreeUsage journal = layer.own(JOURNAL);
        TreeUsage[] saved = {TreeUsage.NONE};
        if (layer.has(SAVED)) {
            layer.each(place -> {
                if (place.name().equals(SAVED)) {
                    saved[0] = place.usage();
                    account.add(Space.Kind.SAVED, place.count(), saved[0]);
                }
            });
        }
        account.add(Space.Kind.JOURNALS, 1, journal);
        account.add(
                Space.Kind.LAYERS,
                1,
                new TreeUsage(figure.apparent(), figure.allocated() - journal.allocated() - saved[0].allocated()));
    }

    private Map<String, TreeUsage> known() {
        Map<String, TreeUsage> known = new HashMap<>();
        jdbc.sql("select diff_id, size, disk_usage from layer").query((RowCallbackHandler)
                row -> known.put(row.getString(1), new TreeUsage(row.getLong(2), row.getLong(3))));
        return known;
    }
}
