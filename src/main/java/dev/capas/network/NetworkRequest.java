package dev.capas.network;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a client asks for with {@code POST /networks/create} ({@code NetworkCreateRequest}, Engine API 1.51).
 *
 * @param driver empty for {@code bridge}
 * @param enableIpv4 null for the default, which is true
 * @param enableIpv6 null for the default, which is false
 * @param internal whether nothing gets in or out
 * @param configOnly whether it serves as the configuration of others only
 * @param configFrom the network that serves as its configuration
 * @param options of the driver
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkRequest(
        String name,
        String driver,
        String scope,
        @JsonProperty("EnableIPv4") @Nullable Boolean enableIpv4,
        @JsonProperty("EnableIPv6") @Nullable Boolean enableIpv6,
        @JsonProperty("IPAM") @Nullable Ipam ipam,
        boolean internal,
        boolean attachable,
        boolean ingress,
        boolean configOnly,
        @Nullable ConfigReference configFrom,
        @Nullable Map<String, String> options,
        @Nullable Map<String, String> labels) {
    /** Nothing asked for. */
    public static final NetworkRequest NOTHING =
            new NetworkRequest("", "", "", null, null, null, false, false, false, false, null, null, null);

    /** What was not given is Go's zero value. */
    public NetworkRequest {
        name = Objects.requireNonNullElse(name, "");
        driver = Objects.requireNonNullElse(driver, "");
        scope = Objects.requireNonNullElse(scope, "");
    }

    /** The name of a network that serves as configuration; empty for none. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record ConfigReference(String network) {
        /** What was not given is Go's zero value. */
        public ConfigReference {
            network = Objects.requireNonNullElse(network, "");
        }
    }
}
