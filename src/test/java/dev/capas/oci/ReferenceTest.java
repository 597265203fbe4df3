package dev.capas.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names, the normal forms and the refusals that dockerd 28.5.2 was seen to have. */
class ReferenceTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox, busybox",
        "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
        "library/busybox, docker.io/library/busybox, busybox",
        "index.docker.io/busybox, docker.io/library/busybox, busybox",
        "docker.io/library/busybox:latest, docker.io/library/busybox:latest, busybox:latest",
        "docker.io/library/a/b, docker.io/library/a/b, library/a/b",
        "user/x, docker.io/user/x, user/x",
        "localhost/x, localhost/x, localhost/x",
        "localhost:5000/x:Tag, localhost:5000/x:Tag, localhost:5000/x:Tag",
        "Foo/x, Foo/x, Foo/x",
        "Foo.com/x, Foo.com/x, Foo.com/x",
        "foo.com, docker.io/library/foo.com, foo.com",
        "[::1]:50/x, [::1]:50/x, [::1]:50/x",
        "a__b---c.d, docker.io/library/a__b---c.d, a__b---c.d",
        "x@sha256:" + HEX + ", docker.io/library/x@sha256:" + HEX + ", x@sha256:" + HEX,
        "x:t@sha256:" + HEX + ", docker.io/library/x:t@sha256:" + HEX + ", x:t@sha256:" + HEX,
    })
    void isNormalised(String text, String full, String familiar) {
        Reference reference = Reference.parse(text);
        assertThat(reference).hasToString(full);
        assertThat(reference.familiar()).isEqualTo(familiar);
        assertThat(Reference.parse(full)).isEqualTo(reference);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPPER | invalid reference format: repository name (library/UPPER) must be lowercase",
                "a/B | invalid reference format: repository name (a/B) must be lowercase",
                "'' | invalid reference format",
                "a: | invalid reference format",
                ":a | invalid reference format",
                "a:b:c | invalid reference format",
                "a..b | invalid reference format",
                "-a | invalid reference format",
                "a//b | invalid reference format",
                "a@b | invalid reference format",
                "a@sha256:12 | invalid reference format",
                "'a b' | invalid reference format",
                "a@sha256:8da670a422318da670a422318da670a422318da670a422318da670a4223122 | invalid checksum digest length",
                "a@sha512:8da670a422318da670a422318da670a422318da670a422318da670a4223122 | invalid checksum digest length",
                "a@md5:0123456789abcdef0123456789abcdef | unsupported digest algorithm",
                HEX + " | invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings",
            })
    void isRefused(String text, String words) {
        assertThatThrownBy(() -> Reference.parse(text))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER))
                .hasMessage(words);
    }

    @Test
    void lengthsAreBounded() {
        assertThatThrownBy(() -> Reference.parse("a".repeat(300)))
                .hasMessage("repository name must not be more than 255 characters");
        assertThat(Reference.parse("x:" + "a".repeat(128)).tag()).hasSize(128);
        assertThatThrownBy(() -> Reference.parse("x:" + "a".repeat(129))).hasMessage("invalid reference format");
    }

    @Test
    void tagOrDigestApartFromTheName() {
        assertThat(Reference.parse("x", "1")).hasToString("docker.io/library/x:1");
        assertThat(Reference.parse("x:2", "1")).hasToString("docker.io/library/x:1");
        assertThat(Reference.parse("x", "sha256:" + HEX)).hasToString("docker.io/library/x@sha256:" + HEX);
        assertThat(Reference.parse("x", "").withDefaultTag()).hasToString("docker.io/library/x:latest");
        assertThatThrownBy(() -> Reference.parse("x", "a:b")).hasMessage("invalid tag format");
    }

    @Property
    void whatIsAcceptedHasOneNormalForm(
            @ForAll
                    @StringLength(max = 40)
                    @CharRange(from = 'a', to = 'c')
                    @Chars({'/', ':', '.', '_', '-', '@', '1', 'A', '[', ']', '%', ' ', '\n', 'é'})
                    String text) {
        Reference reference;
        try {
            reference = Reference.parse(text);
        } catch (EngineException e) {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
            return;
        }
        assertThat(Reference.parse(reference.toString())).isEqualTo(reference);
        assertThat(Reference.parse(reference.familiar())).isEqualTo(reference);
    }

    @Property(tries = 200)
    void noInputTakesLong(@ForAll @StringLength(min = 1, max = 20) @Chars({'a', '-', '_', '.', '/'}) String text) {
        long before = System.nanoTime();
        try {
            Reference.parse(text.repeat(2_000));
        } catch (EngineException e) {
            assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
        }
        assertThat(System.nanoTime() - before).isLessThan(1_000_000_000L);
    }
}
