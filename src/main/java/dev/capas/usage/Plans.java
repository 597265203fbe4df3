package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The plans of this run of the daemon: what was asked and a digest of what was answered. The oldest give way to new ones. */
final class Plans {
    static final Duration LIFETIME = Duration.ofMinutes(15);

    private static final int MOST = 1000;
    private static final int ID_BYTES = 16;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + 2 * ID_BYTES + "}");

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Plan> plans = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Plan> eldest) {
            return size() > MOST;
        }
    };

    /**
     * What was planned.
     *
     * @param made when; what was unused then is what is meant
     * @param contents of what the client was told
     * @param reclaimable apparent bytes
     * @param used when it was carried out; null before
     */
    record Plan(
            ReclaimRequest request,
            Instant made,
            Digest contents,
            long reclaimable,
            @Nullable Instant used) {
        Instant expires() {
            return made.plus(LIFETIME);
        }
    }

    /** Keeps a plan, and returns its ID. */
    synchronized String keep(Plan plan) {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        plans.put(id, plan);
        return id;
    }

    /**
     * A plan that can be carried out.
     *
     * @throws EngineException if this is no ID (400), no plan of this run has it (404), or it is too old or was carried out (409)
     */
    synchronized Plan get(String id, Instant now) {
        if (!ID.matcher(id).matches()) {
            throw EngineException.invalidParameter(
                    "invalid plan '" + id + "': " + 2 * ID_BYTES + " hexadecimal digits in small letters are needed");
        }
        Plan plan = plans.get(id);
        if (plan == null) {
            throw EngineException.notFound(
                    "No such plan: " + id + " (a plan ends with the run of the daemon that made it)");
        }
        if (plan.used() != null) {
            throw EngineException.conflict("plan " + id + " was carried out already, at " + plan.used());
        }
        if (now.isAfter(plan.expires())) {
            throw EngineException.conflict("plan " + id + " has expired, at " + plan.expires());
        }
        return plan;
    }

    /** Says that a plan is being carried out: nobody else can. */
    synchronized void use(String id, Instant now) {
        plans.computeIfPresent(
                id, (key, plan) -> new Plan(plan.request(), plan.made(), plan.contents(), plan.reclaimable(), now));
    }
}
