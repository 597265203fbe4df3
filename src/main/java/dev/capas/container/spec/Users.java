package dev.capas.container.spec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.capas.errdefs.EngineException;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.runtime.Spec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Users and groups as the container's own {@code /etc/passwd} and {@code /etc/group} have them ({@code passwd(5)}, {@code
 * group(5)}), which are read inside its root whatever they are links to. Names are compared as bytes; a line that is broken
 * counts as far as it can be read.
 */
public final class Users {
    private static final long MAX_ID = Integer.MAX_VALUE;
    private static final int HOME = 5;
    /** A file that is larger is no list of users. */
    private static final long MAX_SIZE = 16 << 20;

    private record Account(String name, long uid, long gid, String home) {}

    private record Group(String name, long gid, List<String> members) {}

    private final Path root;

    /** The root filesystem of the container, which is mounted. */
    public Users(Path root) {
        this.root = root;
    }

    /**
     * Finds {@code user}, {@code user:group}, {@code :group} or nothing, each a name or a number, with the groups that list the
     * user where no group is given, and those added.
     *
     * @throws EngineException in Docker's words for a name that is not there and a number that is none of an ID
     */
    public Spec.User find(String user, @Nullable List<String> groupAdd) throws IOException {
        String[] parts = bytes(user).split(":", -1);
        String userName = parts[0];
        String groupName = parts.length > 1 ? parts[1] : "";
        OptionalLong userId = number(userName);
        List<Group> groups = groups();

        Predicate<Account> wanted = userName.isEmpty()
                ? account -> account.uid == 0
                : userId.isPresent()
                        ? account -> account.uid == userId.getAsLong()
                        : account -> account.name.equals(userName);
        Account account = accounts().stream().filter(wanted).findFirst().orElse(null);
        if (account == null && !userName.isEmpty() && userId.isEmpty()) {
            throw unknown("user", text(userName), "passwd");
        }
        long uid = account == null ? checked(userId.orElse(0)) : account.uid;
        long gid = account == null ? 0 : account.gid;
        Set<Long> supplementary = new LinkedHashSet<>();
        if (!groupName.isEmpty()) {
            gid = groupId(groupName, groups);
        } else if (account != null) {
            groups.stream()
                    .filter(group -> group.members.contains(account.name))
                    .forEach(group -> supplementary.add(group.gid));
        }
        Set<Long> gids = new LinkedHashSet<>();
        gids.add(gid);
        gids.addAll(supplementary);
        for (String added : groupAdd == null ? List.<String>of() : groupAdd) {
            gids.add(groupId(bytes(added), groups));
        }
        return new Spec.User(uid, gid, List.copyOf(gids));
    }

    /** The home directory of a user, {@code /} where there is none. */
    String home(long uid) throws IOException {
        return accounts().stream()
                .filter(account -> account.uid == uid && !account.home.isEmpty())
                .findFirst()
                .map(account -> text(account.home))
                .orElse("/");
    }

    private static long groupId(String name, List<Group> groups) {
        OptionalLong id = number(name);
        return groups.stream()
                .filter(group -> id.isPresent() ? group.gid == id.getAsLong() : group.name.equals(name))
                .findFirst()
                .map(Group::gid)
                .orElseGet(() -> checked(id.orElseThrow(() -> unknown("group", text(name), "group"))));
    }

    private List<Account> accounts() throws IOException {
        List<Account> accounts = new ArrayList<>();
        for (String[] fields : lines("etc/passwd")) {
            accounts.add(
                    new Account(fields[0], idOf(fields, 2), idOf(fields, 3), fields.length > HOME ? fields[HOME] : ""));
        }
        return accounts;
    }

    private List<Group> groups() throws IOException {
        List<Group> groups = new ArrayList<>();
        for (String[] fields : lines("etc/group")) {
            groups.add(new Group(
                    fields[0], idOf(fields, 2), fields.length > 3 ? List.of(fields[3].split(",")) : List.of()));
        }
        return groups;
    }

    private List<String[]> lines(String file) throws IOException {
        List<String[]> lines = new ArrayList<>();
        try (Directory directory = Directory.open(root);
                Fd fd = directory.openFile(Directory.name(file), Fd.O_RDONLY | Fd.O_NONBLOCK, 0)) {
            if (!fd.stat().isRegular() || fd.stat().size() > MAX_SIZE) {
                return lines;
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(fd.input(), ISO_8859_1));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank()) {
                    lines.add(line.strip().split(":", -1));
                }
            }
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
                throw e;
            }
        }
        return lines;
    }

    private static long idOf(String[] fields, int index) {
        return fields.length > index ? number(fields[index]).orElse(0) : 0;
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static long checked(long id) {
        if (id < 0 || id > MAX_ID) {
            throw EngineException.system("uids and gids must be in range 0-" + MAX_ID, null);
        }
        return id;
    }

    private static EngineException unknown(String kind, String name, String file) {
        return EngineException.system(
                "unable to find " + kind + ' ' + name + ": no matching entries in " + file + " file", null);
    }

    private static String bytes(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static String text(String bytes) {
        return new String(bytes.getBytes(ISO_8859_1), UTF_8);
    }
}
