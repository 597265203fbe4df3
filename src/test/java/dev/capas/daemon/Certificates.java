package dev.capas.daemon;

import dev.capas.e2e.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Certificates as Docker's handbook has them made: an authority, a daemon on 127.0.0.1, a client, and a client of somebody else. */
record Certificates(Path directory) {
    private static final String SCRIPT = """
            cd "$0"
            authority() {
              mkdir -p $1
              openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=$1 -keyout $1/ca-key.pem -out $1/ca.pem
            }
            signed() {
              openssl req -new -newkey $3 -nodes -subj /CN=$2 -keyout $1/$2-key.pem -out $1/$2.csr
              printf "$4" >$1/$2.ext
              openssl x509 -req -days 2 -in $1/$2.csr -CA $1/ca.pem -CAkey $1/ca-key.pem -CAcreateserial -extfile $1/$2.ext -out $1/$2.pem
            }
            client() {
              signed $1 client rsa:2048 'extendedKeyUsage=clientAuth'
              mkdir $1/client; cp $1/ca.pem $1/client/; cp $1/client.pem $1/client/cert.pem; cp $1/client-key.pem $1/client/key.pem
            }
            authority ours; authority theirs
            signed ours daemon rsa:2048 'subjectAltName=IP:127.0.0.1,DNS:localhost\\nextendedKeyUsage=serverAuth'
            client ours; client theirs
            cp ours/ca.pem theirs/client/ca.pem
            """;

    static Certificates in(Path directory) {
        Command.run(List.of("sh", "-euc", SCRIPT, directory.toString()), new byte[0], Map.of())
                .ok();
        return new Certificates(directory);
    }

    /** The flags of a daemon that lets in the authority's clients. */
    List<String> flags() {
        return List.of(
                "--tlsverify",
                "--tlscacert=" + directory.resolve("ours/ca.pem"),
                "--tlscert=" + directory.resolve("ours/daemon.pem"),
                "--tlskey=" + directory.resolve("ours/daemon-key.pem"));
    }

    /** A directory as {@code DOCKER_CERT_PATH} has it, of a client who is let in. */
    Path client() {
        return directory.resolve("ours/client");
    }

    /** The same of one who trusts the daemon and is not trusted. */
    Path stranger() {
        return directory.resolve("theirs/client");
    }
}
