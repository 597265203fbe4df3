package dev.capas.network;

import dev.capas.oci.Json;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps networks as rows. Who is in them is not kept here: a running container's own row says it. */
@Component
class NetworkStore {
    private final JdbcClient jdbc;

    NetworkStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A network of an earlier run of the daemon; the boot is that of the kernel where its link was made, empty where it was removed since. */
    record Loaded(NetworkDefinition definition, String boot) {}

    List<Loaded> load() {
        return jdbc.sql("select definition, boot_id from network order by name")
                .query((row, index) ->
                        new Loaded(Json.MAPPER.readValue(row.getString(1), NetworkDefinition.class), row.getString(2)))
                .list();
    }

    void insert(NetworkDefinition network, String boot) {
        jdbc.sql("insert into network (id, name, definition, boot_id) values (?, ?, ?, ?)")
                .params(network.id(), network.name(), Json.MAPPER.writeValueAsString(network), boot)
                .update();
    }

    void update(NetworkDefinition network, String boot) {
        jdbc.sql("update network set definition = ?, boot_id = ? where id = ?")
                .params(Json.MAPPER.writeValueAsString(network), boot, network.id())
                .update();
    }

    void delete(String id) {
        jdbc.sql("delete from network where id = ?").param(id).update();
    }
}
