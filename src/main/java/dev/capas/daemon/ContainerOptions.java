package dev.capas.daemon;

import dev.capas.container.ContainerDefaults;
import dev.capas.container.HostConfig.Ulimit;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The options that say what containers get that say nothing else. */
final class ContainerOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kmgtp]?)i?b?");
    private static final Pattern ULIMIT = Pattern.compile("([a-z]+)=(-?\\d+)(?::(-?\\d+))?");

    @Option(
            names = "--log-driver",
            defaultValue = "json-file",
            paramLabel = "<driver>",
            description = "Log driver of containers: json-file, local or none.")
    private String logDriver = "json-file";

    @Option(
            names = "--log-opt",
            paramLabel = "<key=value>",
            description = "An option of it, such as max-size=10m. May be given several times.")
    private Map<String, String> logOptions = new LinkedHashMap<>();

    @Option(
            names = "--dns",
            paramLabel = "<address>",
            description = "DNS server of containers. May be given several times.")
    private List<String> dnsServers = List.of();

    @Option(names = "--dns-opt", paramLabel = "<option>", description = "An option of /etc/resolv.conf in containers.")
    private List<String> dnsOptions = List.of();

    @Option(names = "--dns-search", paramLabel = "<domain>", description = "A search domain of containers.")
    private List<String> dnsSearch = List.of();

    @Option(
            names = "--default-shm-size",
            defaultValue = "0",
            paramLabel = "<size>",
            description = "Size of /dev/shm in containers, such as 64m.")
    private String shmSize = "0";

    @Option(
            names = "--default-ulimit",
            paramLabel = "<name=soft[:hard]>",
            description = "A resource limit of containers. May be given several times.")
    private List<String> ulimits = List.of();

    @Option(
            names = "--default-ipc-mode",
            defaultValue = "",
            paramLabel = "<mode>",
            description = "private or shareable.")
    private String ipcMode = "";

    @Option(names = "--init", description = "Run an init in containers that reaps processes.")
    private boolean init;

    @Option(names = "--no-new-privileges", description = "Containers cannot gain privileges by setuid programs.")
    private boolean noNewPrivileges;

    /**
     * What they say together.
     *
     * @throws IllegalArgumentException if one of them makes no sense
     */
    ContainerDefaults read() {
        for (String server : dnsServers) {
            address(server);
        }
        return new ContainerDefaults(
                logDriver,
                Map.copyOf(logOptions),
                List.copyOf(dnsServers),
                List.copyOf(dnsOptions),
                List.copyOf(dnsSearch),
                size(shmSize),
                limits(),
                ipcMode,
                init,
                noNewPrivileges);
    }

    private static void address(String text) {
        try {
            InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("invalid string being converted to IP address: " + text, e);
        }
    }

    private static long size(String text) {
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new IllegalArgumentException("invalid size: '" + text + "'");
        }
        int power = size.group(2).isEmpty() ? 0 : "kmgtp".indexOf(size.group(2)) + 1;
        return (long) (Double.parseDouble(size.group(1)) * (1L << 10 * power));
    }

    private List<Ulimit> limits() {
        List<Ulimit> limits = new ArrayList<>();
        for (String text : ulimits) {
            Matcher limit = ULIMIT.matcher(text);
            if (!limit.matches()) {
                throw new IllegalArgumentException("invalid ulimit argument: " + text);
            }
            long soft = Long.parseLong(limit.group(2));
            limits.add(
                    new Ulimit(limit.group(1), limit.group(3) == null ? soft : Long.parseLong(limit.group(3)), soft));
        }
        return List.copyOf(limits);
    }
}
