package dev.capas.e2e;

import dev.capas.oci.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** A Chromium without a window and its one page, driven by the DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final Map<String, Integer> KEYS =
            Map.of("Enter", 13, "Escape", 27, " ", 32, "ArrowDown", 40, "Tab", 9, "End", 35, "Home", 36, "/", 191);

    private final Path profile;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final AtomicInteger last = new AtomicInteger();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final WebSocket socket;

    private Browser(Path profile) throws Exception {
        this.profile = profile;
        process = new ProcessBuilder(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-extensions",
                        "--no-first-run",
                        "--no-proxy-server",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        socket = http.newWebSocketBuilder().buildAsync(page(), new Answers()).get(SECONDS, TimeUnit.SECONDS);
        for (String domain : List.of("Page", "Runtime", "Log")) {
            send(domain + ".enable", Map.of());
        }
    }

    static Browser start() throws Exception {
        return new Browser(Files.createTempDirectory("browser"));
    }

    /** Where its page is driven: the browser writes the port that it took into a file. */
    private URI page() throws Exception {
        Path file = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("chromium does not start:\n" + Files.readString(profile.resolve("log")));
            }
            Thread.sleep(30);
        }
        String list = "http://127.0.0.1:" + Files.readAllLines(file).getFirst() + "/json/list";
        while (System.nanoTime() < end) {
            var answer =
                    http.send(HttpRequest.newBuilder(URI.create(list)).build(), HttpResponse.BodyHandlers.ofString());
            for (JsonNode target : Json.MAPPER.readTree(answer.body())) {
                if (target.path("type").asString().equals("page")) {
                    return URI.create(target.path("webSocketDebuggerUrl").asString());
                }
            }
            Thread.sleep(30);
        }
        throw new AssertionError("chromium has no page");
    }

    /** Errors of the console, exceptions, and whatever the policy of the page refused. */
    List<String> complaints() {
        return complaints;
    }

    /** Forgets that the host's network changed, as tests beside this one change it, and tells whether it did. */
    boolean forgetsLostNetwork() {
        return complaints.removeIf(complaint -> complaint.contains("ERR_NETWORK_CHANGED"));
    }

    /** Pretends to be a screen of this width, in {@code light} or {@code dark}. */
    void screen(int width, int height, String scheme) throws Exception {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        send(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void open(String url) throws Exception {
        send("Page.navigate", Map.of("url", url));
    }

    /** What an expression of JavaScript gives; a promise is waited for. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result =
                send("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    String text(String selector) throws Exception {
        return evaluate("document.querySelector(" + quote(selector) + ")?.textContent ?? ''")
                .asString();
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not so: " + expression + "\n" + complaints + "\n"
                        + evaluate("document.body.innerText").asString());
            }
            Thread.sleep(30);
        }
    }

    /** Clicks with the mouse on the middle of the first element that is it. */
    void click(String selector) throws Exception {
        String middle = "const e = document.querySelector(" + quote(selector)
                + "); e?.scrollIntoView({block: 'center'}); const r = e?.getBoundingClientRect() ?? {};"
                + " const place = [r.x + r.width / 2, r.y + r.height / 2];";
        await("(() => { " + middle + " const still = window.clickAt === String(place); window.clickAt = String(place);"
                + " return e && still && e.contains(document.elementFromPoint(...place)); })()");
        JsonNode place = evaluate("(() => { " + middle + " return place; })()");
        for (String type : List.of("mousePressed", "mouseReleased")) {
            send(
                    "Input.dispatchMouseEvent",
                    Map.of("type", type, "x", place.get(0), "y", place.get(1), "button", "left", "clickCount", 1));
        }
    }

    /** Presses a key, in whatever has the focus. */
    void press(String key) throws Exception {
        String text = key.equals("Enter") ? "\r" : key.length() == 1 ? key : "";
        send(
                "Input.dispatchKeyEvent",
                Map.of(
                        "type",
                        text.isEmpty() ? "rawKeyDown" : "keyDown",
                        "key",
                        key,
                        "text",
                        text,
                        "windowsVirtualKeyCode",
                        KEYS.getOrDefault(key, 0)));
        send(
                "Input.dispatchKeyEvent",
                Map.of("type", "keyUp", "key", key, "windowsVirtualKeyCode", KEYS.getOrDefault(key, 0)));
    }

    void type(String text) throws Exception {
        send("Input.insertText", Map.of("text", text));
    }

    /** Writes what is to be seen into a file of the build's directory. */
    void screenshot(String name) throws Exception {
        byte[] image = Base64.getDecoder()
                .decode(send("Page.captureScreenshot", Map.of("format", "png"))
                        .path("data")
                        .asString());
        Files.write(Path.of("target", name + ".png"), image);
    }

    static String quote(String text) {
        return Json.MAPPER.writeValueAsString(text);
    }

    private JsonNode send(String method, Map<String, ?> parameters) throws Exception {
        int id = last.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        socket.sendText(Json.MAPPER.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(SECONDS, TimeUnit.SECONDS);
        JsonNode message = answer.get(SECONDS, TimeUnit.SECONDS);
        if (message.has("error")) {
            throw new AssertionError(method + " " + parameters + ": " + message.path("error"));
        }
        return message.path("result");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        socket.abort();
        http.close();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        Command.run("rm", "-rf", profile.toString());
    }

    /** Puts messages together and hands them to who waits for them. */
    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean end) {
            text.append(part);
            if (end) {
                take(Json.MAPPER.readTree(text.toString()));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void take(JsonNode message) {
            JsonNode parameters = message.path("params");
            if (message.has("id")) {
                asked.remove(message.path("id").asInt()).complete(message);
                return;
            }
            switch (message.path("method").asString("")) {
                case "Runtime.exceptionThrown" ->
                    complaints.add(parameters.path("exceptionDetails").toString());
                case "Runtime.consoleAPICalled" ->
                    complaints.add(parameters.path("args").toString());
                case "Log.entryAdded" -> complaints.add(parameters.path("entry").toString());
                case "Page.javascriptDialogOpening" -> complaints.add("dialog: " + parameters.path("message"));
                default -> {
                    // nothing that is waited for
                }
            }
        }
    }
}
