package dev.capas;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which package may import which; ARCHITECTURE.md says why. */
class HouseTest {
    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.capas");

    /** What everyone may import. */
    private static final String LEAVES = "errdefs oci filter home";

    @ParameterizedTest
    @CsvSource({
        "api, usage image container network volume event registry layer",
        "usage, image container volume layer linux",
        "container, image layer runtime network volume event linux",
        "image, layer registry event",
        "registry, ''",
        "runtime, linux",
        "network, event linux",
        "volume, event linux",
        "layer, linux",
        "event, ''",
        "linux, ''",
        "errdefs, ''",
        "oci, ''",
        "filter, ''",
        "home, ''"
    })
    void importsOnlyWhatStandsBelowIt(String name, String below) {
        String[] allowed = Stream.concat(
                        Stream.of(name),
                        Arrays.stream((below + " " + LEAVES).strip().split(" ")))
                .map(imported -> "dev.capas." + imported + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("dev.capas." + name + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("dev.capas..").and(not(resideInAnyPackage(allowed))))
                .check(HOUSE);
    }

    @Test
    void hasNoCycles() {
        slices().matching("dev.capas.(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    @ParameterizedTest
    @CsvSource({"layer", "linux", "event", "runtime", "network", "volume", "image", "registry", "usage"})
    void knowsNothingOfServing(String name) {
        noClasses()
                .that()
                .resideInAPackage("dev.capas." + name + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "jakarta.servlet..",
                        "org.springframework.web..",
                        "org.springframework.http..",
                        "org.apache.catalina.."))
                .check(HOUSE);
    }

    @Test
    void leavesSystemCallsToOnePackage() {
        noClasses()
                .that(not(resideInAPackage("dev.capas.linux..")))
                .should()
                .dependOnClassesThat(resideInAPackage("java.lang.foreign.."))
                .check(HOUSE);
    }

    @Test
    void keepsControllersInTheApi() {
        classes()
                .that()
                .areAnnotatedWith(org.springframework.web.bind.annotation.RestController.class)
                .should()
                .resideInAPackage("dev.capas.api")
                .check(HOUSE);
    }
}
