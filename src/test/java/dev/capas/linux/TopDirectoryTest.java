package dev.capas.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopDirectoryTest {
    @Test
    void hasTheAttributeWhereTheFileSystemHasIt(@TempDir Path directory) throws IOException, InterruptedException {
        Path top = TopDirectory.create(directory.resolve("some/top"));
        assertThat(top).isEmptyDirectory();
        Process lsattr = new ProcessBuilder("lsattr", "-d", top.toString()).start();
        String attributes = new String(lsattr.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(lsattr.waitFor()).isZero();
        assertThat(attributes.split(" ")[0].contains("T"))
                .isEqualTo(Files.getFileStore(top).type().equals("ext4"));
    }

    @Test
    void isAPlainDirectoryElsewhere() throws IOException {
        Path shared = Files.createTempDirectory(Path.of("/dev/shm"), "top");
        try {
            assertThat(TopDirectory.create(shared.resolve("below"))).isEmptyDirectory();
            assertThat(TopDirectory.create(shared.resolve("below"))).isEmptyDirectory();
        } finally {
            Files.deleteIfExists(shared.resolve("below"));
            Files.delete(shared);
        }
    }
}
