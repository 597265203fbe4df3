package dev.capas.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * How the addresses of a network are managed ({@code IPAM}, Engine API 1.51).
 *
 * @param driver {@code default}, {@code null} or empty
 * @param options kept and shown, without effect
 * @param config what was asked for, or was chosen where nothing was asked for
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record Ipam(
        String driver,
        @Nullable Map<String, String> options,
        @Nullable List<Config> config) {
    static final String DEFAULT = "default";

    /** What was not given is Go's zero value. */
    public Ipam {
        driver = Objects.requireNonNullElse(driver, "");
    }

    /** Nothing asked for. */
    static final Ipam NONE = new Ipam(DEFAULT, null, null);

    /** The subnets that were asked for. */
    List<Config> asked() {
        return config == null ? List.of() : config;
    }

    /**
     * A subnet of a network; an empty string is nothing asked for.
     *
     * @param ipRange the part of it that containers get addresses of
     * @param auxiliaryAddresses addresses that no container gets, by names that mean nothing here
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Config(
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String subnet,

            @JsonProperty("IPRange") @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String ipRange,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) String gateway,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
            Map<String, String> auxiliaryAddresses) {
        /** What was not given is Go's zero value. */
        public Config {
            subnet = Objects.requireNonNullElse(subnet, "");
            ipRange = Objects.requireNonNullElse(ipRange, "");
            gateway = Objects.requireNonNullElse(gateway, "");
        }

        Map<String, String> auxiliary() {
            return auxiliaryAddresses == null ? Map.of() : auxiliaryAddresses;
        }
    }
}
