package dev.capas.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Root filesystems for test images, made of what Debian has installed here. */
public final class Rootfs {
    private static final String BUSYBOX = """
            mkdir -p bin etc tmp root proc sys dev home var/tmp
            chmod 1777 tmp var/tmp
            cp "$(command -v busybox)" bin/busybox
            cd bin; for applet in $(./busybox --list); do echo "$applet"; done | grep -vx busybox | xargs -n1 -P1 ./busybox ln -s busybox; cd ..
            printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/home:/bin/false\\n' >etc/passwd
            printf 'root:x:0:\\nnogroup:x:65534:\\n' >etc/group
            """;

    private Rootfs() {}

    /** A tar of a tree around Debian's static busybox, with a link for each of its applets. */
    public static byte[] busybox() throws IOException {
        return tar(BUSYBOX);
    }

    /** The same with a user and groups, content to be covered, and a file that is no program. */
    static byte[] withAccounts() throws IOException {
        return tar(BUSYBOX + """
                echo 'app:x:1000:1000::/home/app:/bin/sh' >>etc/passwd
                printf 'app:x:1000:\\nstaff:x:50:app\\nextra:x:60:\\n' >>etc/group
                printf '#!/bin/sh\\necho no\\n' >bin/noexec
                mkdir -p seed/sub srv; echo seeded >seed/file; ln -s file seed/link; echo f >srv/file
                chown 1000:1000 seed seed/file; chmod 750 seed
                """);
    }

    /**
     * The same with the docker CLI and {@code /reap}, which speaks the protocol of Testcontainers' Ryuk with one client: each line is a
     * filter and is acknowledged; when the client has gone, what the filters fit is removed.
     */
    static byte[] reaper() throws IOException {
        return tar(BUSYBOX + """
                mkdir -p usr/local/bin
                docker=$(PATH=/usr/local/bin:/usr/bin; command -v docker)
                cp -L "$docker" usr/local/bin/docker
                ldd "$docker" 2>/dev/null | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | while read -r library; do
                  mkdir -p ".${library%/*}"; cp -L "$library" ".$library"
                done
                cat >reap <<'REAP'
                #!/bin/sh
                while read -r line; do lines="$lines $line"; echo ACK; done
                exec >/dev/null 2>&1
                for line in $lines; do
                  set --
                  for pair in $(echo "$line" | tr '&' ' '); do set -- "$@" --filter "$(httpd -d "$pair")"; done
                  docker ps -aq "$@" | grep -v "$(hostname)" | xargs -r docker rm -fv
                  docker network ls -q "$@" | xargs -r docker network rm
                done
                REAP
                chmod 755 reap
                """);
    }

    /** A tar of a tree around Debian's bash and coreutils with the glibc that they need. */
    public static byte[] glibc() throws IOException {
        return tar("""
                mkdir -p usr/bin usr/lib usr/lib64 etc tmp root proc sys dev home var/tmp
                ln -s usr/bin bin; ln -s usr/lib lib; ln -s usr/lib64 lib64
                chmod 1777 tmp var/tmp
                for name in bash sh ls cat echo id stat sleep touch rm mkdir chmod ln mv cp env true false head tail seq stty tty hostname wc dd; do
                  program=$(command -v -p "$name" || true)
                  case $program in /*) ;; *) program=/usr/bin/$name ;; esac
                  cp -L "$program" "usr/bin/$name"
                  ldd "$program" | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | while read -r library; do
                    mkdir -p "usr/${library%/*}"; cp -L "$library" "usr/${library#/usr}" 2>/dev/null || cp -L "$library" "usr$library"
                  done
                done
                cp /etc/debian_version etc/
                printf 'root:x:0:0:root:/root:/bin/bash\\n' >etc/passwd
                printf 'root:x:0:\\n' >etc/group
                """);
    }

    /** Takes programs of this machine with the libraries that they need. */
    private static final String ADD = """
            add() {
              for program; do
                mkdir -p ".${program%/*}"; rm -f ".$program"; cp -L "$program" ".$program"
                ldd "$program" | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | while read -r library; do
                  mkdir -p ".${library%/*}"; cp -Lu "$library" ".$library"
                done
              done
            }
            postgres=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
            """;

    /** A web server: Debian's nginx. */
    static byte[] nginx() throws IOException {
        return tar(BUSYBOX + ADD + """
                add /usr/sbin/nginx
                mkdir -p run var/lib/nginx var/log/nginx
                """);
    }

    /** Redis, which keeps its data in {@code /data}. */
    static byte[] redis() throws IOException {
        return tar(BUSYBOX + ADD + """
                add /usr/bin/redis-server /usr/bin/redis-cli
                mkdir -m 700 data
                """);
    }

    /** What asks PostgreSQL and Redis. */
    static byte[] clients() throws IOException {
        return tar(BUSYBOX + ADD + """
                add $postgres/psql /usr/bin/redis-cli
                ln -s $postgres/psql bin/
                """);
    }

    /**
     * PostgreSQL as the official image has it, as far as a project here needs it: {@code /start} heeds {@code POSTGRES_USER},
     * {@code POSTGRES_PASSWORD_FILE} and {@code POSTGRES_HOST_AUTH_METHOD}, and makes a database of the user's name.
     */
    static byte[] postgres() throws IOException {
        return tar(BUSYBOX + ADD + """
                add $postgres/postgres $postgres/initdb $postgres/psql $postgres/pg_isready
                ln -s $postgres/psql $postgres/pg_isready bin/
                version=$(basename "${postgres%/bin}")
                library=usr/lib/postgresql/$version/lib share=usr/share/postgresql/$version
                mkdir -p $library $share/extension
                cp /$library/plpgsql.so /$library/dict_snowball.so $library/
                for part in /$share/*; do case $part in */man | */extension) ;; *) cp -r $part $share/ ;; esac; done
                cp /$share/extension/plpgsql* $share/extension/
                echo 'postgres:x:70:70::/var/lib/postgresql:/bin/sh' >>etc/passwd
                echo 'postgres:x:70:' >>etc/group
                mkdir -p var/lib/postgresql/data; chmod 700 var/lib/postgresql/data; chown -R 70:70 var/lib/postgresql
                cat >start <<END
                #!/bin/sh
                set -e
                data=/var/lib/postgresql/data
                if [ ! -s \\$data/PG_VERSION ]; then
                  method=\\${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
                  $postgres/initdb -D \\$data -U "\\$POSTGRES_USER" -A \\$method \\${POSTGRES_PASSWORD_FILE:+--pwfile=\\$POSTGRES_PASSWORD_FILE} \
                    -E UTF8 --locale=C --no-sync --no-instructions
                  echo "host all all all \\$method" >>\\$data/pg_hba.conf
                  echo "create database \\$POSTGRES_USER" | $postgres/postgres --single -D \\$data postgres
                fi
                exec $postgres/postgres -D \\$data -k /tmp -c listen_addresses='*' -c fsync=off
                END
                chmod +x start
                """);
    }

    /** The engine itself as {@code /opt/capas/capas}, from the class path of the tests, with what it starts and a JDK. */
    static byte[] engine() throws IOException {
        return tar(BUSYBOX + ADD + """
                add /usr/bin/crun /usr/bin/conmon /usr/bin/tini-static "$(command -v ip)" "$(command -v nft)" /usr/bin/curl
                cp usr/bin/tini-static usr/bin/tini
                mkdir -p opt/capas/lib usr/share/containers var/lib/capas run/capas
                cp /usr/share/containers/seccomp.json usr/share/containers/
                mkdir opt/java; (cd '%s'; tar -cf - --exclude=src.zip --exclude=jmods --exclude=ct.sym --exclude=man --exclude='classes_*.jsa' .) | tar -C opt/java -xf -
                for name in bin/java lib/libjava.so lib/server/libjvm.so lib/libnio.so lib/libnet.so lib/libzip.so; do
                  ldd opt/java/$name | grep -o '/[^ ]* (0x' | cut -d' ' -f1 | grep -v "$PWD" | while read -r library; do
                    mkdir -p ".${library%%/*}"; cp -Lu "$library" ".$library"
                  done
                done
                number=0
                for entry in $(echo '%s' | tr ':' ' '); do number=$((number + 1)); cp -r "$entry" "opt/capas/lib/$number-$(basename "$entry")"; done
                cat >opt/capas/capas <<'END'
                #!/bin/sh
                cp=$(for entry in $(ls /opt/capas/lib | sort -n); do printf '/opt/capas/lib/%%s:' "$entry"; done)
                exec /opt/java/bin/java --enable-native-access=ALL-UNNAMED --add-exports java.base/sun.nio.ch=ALL-UNNAMED \
                  -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -cp "$cp" dev.capas.daemon.Capas "$@"
                END
                chmod +x opt/capas/capas
                """.formatted(System.getProperty("java.home"), EngineJar.classPath()));
    }

    static byte[] tar(String script) throws IOException {
        Path tree = Files.createTempDirectory("rootfs");
        Path archive = Files.createTempFile("rootfs", ".tar");
        try {
            Command.run(
                            List.of("sh", "-euc", "cd \"$0\"\n" + script, tree.toString()),
                            new byte[0],
                            java.util.Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"))
                    .ok();
            Command.run("tar", "-C", tree.toString(), "--numeric-owner", "-cf", archive.toString(), ".")
                    .ok();
            return Files.readAllBytes(archive);
        } finally {
            Files.delete(archive);
            Command.run("rm", "-rf", tree.toString());
        }
    }

    /** A file of this length whose content says nothing. */
    public static byte[] filler(int length) {
        return "0123456789abcde\n".repeat(length / 16 + 1).substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }
}
