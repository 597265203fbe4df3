package dev.capas.container;

import dev.capas.runtime.ProcessIdentity;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row of {@code container}; the fields have the names of the columns. */
class ContainerRow {
    private static final long NANOS = 1_000_000_000L;

    private String id;

    String name;
    private long created;
    String image;
    String config;

    String hostConfig;

    String mounts;
    String networks;
    private String status;

    private int exitCode;

    private String error;

    private boolean oomKilled;

    private @Nullable Long started;
    private @Nullable Long finished;

    int restartCount;

    boolean stoppedByHand;

    private @Nullable String bootId;

    private @Nullable Integer initPid;

    private @Nullable Long initStarted;

    private @Nullable Integer conmonPid;

    private @Nullable Long conmonStarted;

    @SuppressWarnings("NullAway.Init")
    ContainerRow() {}

    ContainerRow(String id, Instant created, String image, String config, String mounts) {
        this.id = id;
        this.created = nanos(created);
        this.image = image;
        this.config = config;
        this.mounts = mounts;
        this.name = "";
        this.hostConfig = "";
        this.networks = "";
        this.status = "";
        this.error = "";
    }

    /** One that serves to write what may change. */
    ContainerRow(String id) {
        this(id, Instant.EPOCH, "", "", "");
    }

    /** Its values by the names of the fields. */
    Map<String, @Nullable Object> columns() {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("id", id);
        columns.put("name", name);
        columns.put("created", created);
        columns.put("image", image);
        columns.put("config", config);
        columns.put("mounts", mounts);
        columns.put("networks", networks);
        columns.put("hostConfig", hostConfig);
        columns.put("status", status);
        columns.put("exitCode", exitCode);
        columns.put("error", error);
        columns.put("oomKilled", oomKilled);
        columns.put("started", started);
        columns.put("finished", finished);
        columns.put("restartCount", restartCount);
        columns.put("stoppedByHand", stoppedByHand);
        columns.put("bootId", bootId);
        columns.put("initPid", initPid);
        columns.put("initStarted", initStarted);
        columns.put("conmonPid", conmonPid);
        columns.put("conmonStarted", conmonStarted);
        return columns;
    }

    String id() {
        return id;
    }

    Instant created() {
        return instant(created);
    }

    State state() {
        return new State(
                State.Status.valueOf(status),
                initPid == null ? 0 : initPid,
                exitCode,
                error,
                oomKilled,
                started == null ? null : instant(started),
                finished == null ? null : instant(finished));
    }

    void setState(State state) {
        status = state.status().name();
        exitCode = state.exitCode();
        error = state.error().length() > 4000 ? state.error().substring(0, 4000) : state.error();
        oomKilled = state.oomKilled();
        started = state.startedAt() == null ? null : nanos(state.startedAt());
        finished = state.finishedAt() == null ? null : nanos(state.finishedAt());
    }

    @Nullable
    ProcessIdentity init() {
        return identity(initPid, initStarted);
    }

    @Nullable
    ProcessIdentity conmon() {
        return identity(conmonPid, conmonStarted);
    }

    private @Nullable ProcessIdentity identity(@Nullable Integer pid, @Nullable Long startTime) {
        return bootId == null || pid == null || startTime == null ? null : new ProcessIdentity(bootId, pid, startTime);
    }

    void setProcesses(@Nullable ProcessIdentity init, @Nullable ProcessIdentity conmon) {
        bootId = init == null ? null : init.bootId();
        initPid = init == null ? null : (Integer) init.pid();
        initStarted = init == null ? null : (Long) init.startTime();
        conmonPid = conmon == null ? null : (Integer) conmon.pid();
        conmonStarted = conmon == null ? null : (Long) conmon.startTime();
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * NANOS + at.getNano();
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }
}
