package dev.capas.e2e;

import static dev.capas.e2e.Browser.quote;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The page, as a browser shows it to whoever clicks and types. */
class PageIT {
    private static final String HOSTILE = "<img src=x onerror=\"document.title='owned'\">";

    private static Engine engine;
    private static Docker docker;
    private static Api api;
    private static Browser browser;
    private static String main;
    private static String readOnly;

    @BeforeAll
    static void start() throws Exception {
        int ports = FreePort.pair();
        main = "http://127.0.0.1:" + ports;
        readOnly = "http://127.0.0.1:" + (ports + 1);
        engine = Engine.start("-H", "tcp://127.0.0.1:" + ports, "--read-only-host", "tcp://127.0.0.1:" + (ports + 1));
        docker = engine.docker();
        api = new Api(docker.socket());
        byte[] base = ImageTar.tar(Map.of("base", Rootfs.filler(70_000)));
        byte[] middle = ImageTar.tar(Map.of("file", Rootfs.filler(50_000), HOSTILE, Rootfs.filler(9_000)));
        byte[] top = ImageTar.tar(Map.of("file", Rootfs.filler(20_000)));
        load("base/alone:1", base);
        load("app/web:1", base, middle);
        load("app/web:2", base, middle, top);
        docker.ok("create", "--name", "idle", "app/web:1", "sh", "-c", HOSTILE);
        docker.ok("commit", "idle", "made/here:1");
        docker.run(ImageTar.tar(Map.of("a", "written".getBytes(StandardCharsets.UTF_8))), "cp", "-", "idle:/")
                .ok();
        browser = Browser.start();
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            browser.close();
        } finally {
            engine.close();
        }
    }

    private static void load(String tag, byte[]... layers) {
        docker.run(ImageTar.tar(ImageTar.files(tag, layers)), "load").ok();
    }

    @BeforeEach
    void open() throws Exception {
        browser.complaints().clear();
        browser.screen(1280, 860, "light");
        show(main);
    }

    /** Opens the page, again where the browser gave up on a part of it. */
    private static void show(String listener) throws Exception {
        String drawn =
                "document.querySelector('[data-figure=reclaimable] data') && document.querySelector('.row, table')";
        int attempts = 5;
        do {
            browser.open("about:blank");
            browser.open(listener + "/ui");
            browser.await("(" + drawn + ") || performance.now() > 4000");
        } while (browser.forgetsLostNetwork() && --attempts > 0);
        browser.await(drawn);
    }

    @AfterEach
    void hasNothingToComplainOf() throws Exception {
        browser.forgetsLostNetwork();
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate("document.title").asString()).isEqualTo("Capas");
    }

    @Test
    void showsTheFiguresOfTheApi() throws Exception {
        JsonNode images = api.get("/images/json?shared-size=1").ok();
        JsonNode containers = api.get("/containers/json?all=1&size=1").ok();
        assertThat(images.size()).isEqualTo(4);
        assertThat(figure("layers"))
                .isEqualTo(sum(api.get("/layers").ok(), "Size"))
                .isEqualTo(api.get("/system/df").ok().path("LayersSize").asLong());
        assertThat(figure("containers")).isEqualTo(sum(containers, "SizeRw")).isEqualTo(7);
        assertThat(figure("reclaimable"))
                .isEqualTo(api.get("/system/reclaim").ok().path("Reclaimable").asLong())
                .isPositive();
        assertThat(browser.evaluate("document.querySelectorAll('.row').length").asInt())
                .isEqualTo(images.size() + containers.size());
        for (JsonNode image : images) {
            String row = "[data-key=" + quote("image:" + image.path("Id").asString()) + "]";
            assertThat(browser.text(row + " .name"))
                    .isEqualTo(image.path("RepoTags").get(0).asString());
            assertThat(value(row + " data")).isEqualTo(image.path("Size").asLong());
        }
    }

    @Test
    void drawsWhatIsSharedOnceAndToSize() throws Exception {
        JsonNode layers = api.get("/images/app%2Fweb:2/layers").ok();
        double bytes = 0;
        double pixels = 0;
        for (JsonNode step : layers) {
            String block = "rect.block[data-layer=" + quote(step.path("DiffID").asString()) + "]";
            assertThat(browser.evaluate("document.querySelectorAll(" + quote(block) + ").length")
                            .asInt())
                    .isEqualTo(1);
            double width = number("document.querySelector(" + quote(block) + ").getBoundingClientRect().width") + 1;
            if (bytes > 0) {
                assertThat(width / pixels)
                        .isCloseTo(
                                step.path("Size").asDouble() / bytes,
                                org.assertj.core.data.Percentage.withPercentage(3));
            }
            bytes = step.path("Size").asDouble();
            pixels = width;
        }
        browser.await("document.querySelectorAll('svg g.waste rect').length === 1");
        double wasted = number("document.querySelector('svg g.waste rect').getBoundingClientRect().width") + 1;
        assertThat(wasted / pixels).isCloseTo(50_000 / bytes, org.assertj.core.data.Percentage.withPercentage(3));
    }

    @Test
    void isWorkedByTheKeyboard() throws Exception {
        browser.press("/");
        browser.type("web:2");
        browser.await("document.querySelectorAll('.row').length === 1");
        browser.evaluate("document.querySelector('.row').focus()");
        browser.press(" ");
        browser.await(
                "document.querySelector('.row').getAttribute('aria-selected') === 'true' && document.querySelector('#frees data')");
        browser.press("Enter");
        browser.await(
                "document.activeElement.id === 'detail-title' && document.querySelectorAll('.steps li').length === 3");
        assertThat(browser.text(".facts")).contains("Wasted50kB");
        browser.press("Escape");
        browser.await("document.querySelector('#detail').hidden && document.activeElement.matches('.row')");
        browser.press("/");
        browser.evaluate("document.activeElement.select()");
        browser.type("app");
        browser.await("document.querySelectorAll('.row').length === 3");
        browser.evaluate("document.querySelector('.row[tabindex=\"0\"]').focus()");
        browser.press("End");
        assertThat(browser.evaluate("document.activeElement.ariaRowIndex").asString())
                .isEqualTo("3");
        browser.press("Home");
        browser.press("ArrowDown");
        assertThat(browser.evaluate("document.activeElement.ariaRowIndex").asString())
                .isEqualTo("2");
    }

    @Test
    void freesByAPlanWhatItPromises() throws Exception {
        load("old/gone:1", ImageTar.tar(Map.of("gone", Rootfs.filler(123_456))));
        String id = api.get("/images/old%2Fgone:1/json").ok().path("Id").asString();
        String row = "[data-key=" + quote("image:" + id) + "]";
        browser.await("document.querySelector(" + quote(row) + ")");
        browser.click(row + " .tick");
        browser.await("document.querySelector('#frees data')");
        assertThat(value("#frees data")).isEqualTo(123_456);
        browser.await("document.querySelector('rect.going')");
        browser.click("#delete");
        browser.click("#delete-now");
        browser.await("document.querySelector('#plan').hidden && !document.querySelector(" + quote(row) + ")");
        assertThat(api.get("/images/old%2Fgone:1/json").status()).isEqualTo(404);
        browser.click("nav a[href='#events']");
        browser.await(
                "[...document.querySelectorAll('.events li')].some(line => line.textContent.includes('image delete'))");
        browser.evaluate("document.querySelector('nav a[href=\"#stacks\"]').click()");
        // the page may have been asking about it while it went
        browser.complaints()
                .removeIf(
                        complaint -> complaint.contains("404") && complaint.contains(id.substring("sha256:".length())));
    }

    @Test
    void showsNamesAsText() throws Exception {
        browser.click("[data-key="
                + quote("image:"
                        + api.get("/images/app%2Fweb:1/json").ok().path("Id").asString()) + "] .name");
        browser.click("#detail a.button");
        browser.await("document.querySelector('#detail .files')");
        assertThat(browser.text("#detail .files")).contains(HOSTILE, "file", "base");
        assertThat(browser.evaluate("document.querySelectorAll('#detail img, .row img, table img').length")
                        .asInt())
                .isZero();
        browser.press("Escape");
        browser.click("[data-key="
                + quote("container:"
                        + docker.ok("inspect", "-f", "{{.Id}}", "idle").strip()) + "] .name");
        browser.await("document.querySelector('#detail .steps')");
        assertThat(browser.text("#detail-title")).isEqualTo("Container idle");
        browser.press("Escape");
    }

    @Test
    void isATableToo() throws Exception {
        browser.click("nav a[href='#table']");
        browser.click("table.image th:nth-child(3) button");
        assertThat(browser.evaluate(
                                "[...document.querySelectorAll('table.image tbody tr')].map(row => +row.querySelector('data').value)")
                        .toString())
                .isEqualTo(StreamSupport.stream(api.get("/images/json").ok().spliterator(), false)
                        .map(image -> image.path("Size").asLong())
                        .sorted()
                        .toList()
                        .toString()
                        .replace(" ", ""));
        browser.click("table.container tbody input");
        browser.await("document.querySelector('#frees data')");
        assertThat(value("#frees data")).isEqualTo(7);
        browser.screenshot("page-table");
        browser.evaluate("document.querySelector('nav a[href=\"#stacks\"]').click()");
    }

    @Test
    void fitsAPhoneAndTheNight() throws Exception {
        String ground = "getComputedStyle(document.body).backgroundColor";
        browser.await("document.querySelector('svg g.waste rect')");
        browser.screenshot("page-light");
        String light = browser.evaluate(ground).asString();
        browser.screen(1280, 860, "dark");
        assertThat(browser.evaluate(ground).asString()).isNotEqualTo(light);
        browser.screenshot("page-dark");
        browser.screen(360, 740, "light");
        browser.await("document.querySelector('.row').getBoundingClientRect().height > 40");
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isEqualTo(360);
        browser.screenshot("page-phone");
        browser.click(".row .name");
        browser.await("document.querySelector('#detail .steps')");
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isEqualTo(360);
        browser.press("Escape");
    }

    @Test
    void deletesNothingWhereOneMayOnlyRead() throws Exception {
        show(readOnly);
        browser.click(".row .tick");
        browser.await("document.querySelector('#frees data')");
        assertThat(browser.evaluate("document.querySelector('#delete')").isNull())
                .isTrue();
    }

    private static long figure(String name) throws Exception {
        return value("[data-figure=" + name + "] data");
    }

    private static long value(String selector) throws Exception {
        return browser.evaluate("+document.querySelector(" + quote(selector) + ").value")
                .asLong();
    }

    private static double number(String expression) throws Exception {
        return browser.evaluate(expression).asDouble();
    }

    private static long sum(JsonNode list, String field) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToLong(item -> item.path(field).asLong())
                .sum();
    }
}
