package dev.capas.layer;

import java.util.concurrent.atomic.AtomicBoolean;

/** A lease as a row. */
final class DiskLease implements Lease {
    private final String id;
    private final Runnable end;
    private final AtomicBoolean open = new AtomicBoolean(true);

    DiskLease(String id, Runnable end) {
        this.id = id;
        this.end = end;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            end.run();
        }
    }
}
