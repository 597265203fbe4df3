package dev.capas.network.bridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Other packet filters of the host. What another one drops stays dropped, whatever ours says; dockerd leaves a chain to its neighbours,
 * {@code DOCKER-USER}, in which what is ours ({@link Rules#PASS}) is then accepted.
 */
final class ForeignFirewalls {
    private static final System.Logger LOG = System.getLogger(ForeignFirewalls.class.getName());
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final String CHAIN = "DOCKER-USER";

    private final Program nft;
    private final List<Program> iptables;
    private final List<String> rule;
    private boolean wanted;
    private volatile @Nullable String warning;
    private volatile long lookedAt = System.nanoTime() - 2 * FRESH_NANOS;

    /**
     * Looks at nothing yet.
     *
     * @param mark the comment that tells the rule of this engine
     */
    ForeignFirewalls(Program nft, String mark) {
        this.nft = nft;
        this.iptables = List.of("iptables", "ip6tables").stream()
                .flatMap(name -> Program.find(name).stream())
                .toList();
        String bit = "0x%x/0x%x".formatted(Rules.PASS, Rules.PASS);
        this.rule = List.of("-m", "mark", "--mark", bit, "-m", "comment", "--comment", mark, "-j", "ACCEPT");
    }

    /** Whether some seconds have passed since it was looked: a firewall may have been started meanwhile. */
    boolean isStale() {
        return System.nanoTime() - lookedAt > FRESH_NANOS;
    }

    Optional<String> warning() {
        return Optional.ofNullable(warning);
    }

    /** From now on, until {@link #withdraw}, ours is to pass. */
    synchronized void want() {
        wanted = true;
    }

    /** Has dockerd's rules accept what is ours, where there are some, and looks who else drops; nothing where that is not wanted any more. */
    synchronized void letPass() {
        if (!wanted) {
            return;
        }
        lookedAt = System.nanoTime();
        try {
            boolean accepted = false;
            for (Program program : iptables) {
                accepted |= has(program) || insert(program);
            }
            warning = dropped(accepted);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the other firewalls of the host cannot be looked at", e);
        }
    }

    private boolean has(Program iptables) throws IOException {
        return command(iptables, "-C").exitCode() == 0;
    }

    /** False where there is no such chain. */
    private boolean insert(Program iptables) throws IOException {
        return command(iptables, "-I").exitCode() == 0;
    }

    private Program.Outcome command(Program iptables, String verb) throws IOException {
        List<String> line = new ArrayList<>(List.of("-w", verb, CHAIN));
        line.addAll(rule);
        return iptables.outcome(line, "");
    }

    /** Takes back what {@link #letPass} did. */
    synchronized void withdraw() {
        wanted = false;
        try {
            for (Program program : iptables) {
                while (command(program, "-D").exitCode() == 0) {
                    // once for each time that it was inserted
                }
            }
            warning = null;
            lookedAt = System.nanoTime() - 2 * FRESH_NANOS;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a rule in " + CHAIN + " stays behind", e);
        }
    }

    /** The chain of another that drops all that it does not know, in words for {@code /info}. */
    private @Nullable String dropped(boolean dockerAccepts) throws IOException {
        String table = "";
        String chain = "";
        for (String line :
                nft.outcome(List.of("-t", "list", "chains"), "").said().lines().toList()) {
            String text = line.strip();
            if (text.startsWith("table ")) {
                table = text.replace(" {", "");
            } else if (text.startsWith("chain ")) {
                chain = text.split(" ")[1];
            } else if (text.contains("hook forward") && text.contains("policy drop")) {
                boolean dockers = dockerAccepts && chain.equals("FORWARD");
                if (!dockers) {
                    return "chain " + chain + " of nftables " + table
                            + " drops what is forwarded: containers may reach nothing and be reached by nobody"
                            + " (accept packets with mark 0x%1$x/0x%1$x there)".formatted(Rules.PASS);
                }
            }
        }
        return null;
    }
}
