package dev.capas.daemon;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code capas version}. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Runnable {
    /** The line that {@code --version} prints too. */
    static final class Text implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Objects.requireNonNullElse(Capas.class.getPackage().getImplementationVersion(), "dev");
            return new String[] {
                "Capas " + version + ", Docker Engine API 1.24 to 1.51, Java "
                        + Runtime.version().feature()
            };
        }
    }

    @Override
    public void run() {
        System.out.println(new Text().getVersion()[0]);
    }
}
