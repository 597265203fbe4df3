package dev.capas.api;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * What may be asked of those who may only read: a list of what is allowed, so that a new route is refused until it stands here. Not in
 * it is whatever changes something, starts or attaches, gives away contents of files or logs, or has the engine call somebody else
 * ({@code /distribution}); and {@code top}, which shows the arguments of processes. {@code stats} is in it: it has numbers alone.
 */
final class ReadOnlyRoutes {
    /** How an answer is sent. */
    enum Form {
        /** One JSON document. */
        JSON,
        /** JSON documents, a line each, as they come. */
        LINES,
        /** Not JSON, and nothing that anyone keeps secret. */
        OPEN
    }

    /** A route by the path that its controller is mapped to. */
    record Route(PathPattern path, Form form) {}

    private static final List<Route> DOCUMENTS = routes(Form.JSON, """
            /version /info /system/df
            /containers/json /containers/{name}/json /containers/{name}/changes /containers/{id}/files /exec/{id}/json
            /images/json /images/{name}/json /images/{name}/history /images/{name}/files /images/{name}/compare /images/{name}/budget
            /networks /networks/{id} /volumes /volumes/{name} /plugins /plugins/{name}/json""");

    private static final List<Route> LINES = routes(Form.LINES, "/events /containers/{id}/stats");

    private static final List<Route> OPEN = routes(Form.OPEN, "/_ping / /ui /ui/{*file}");

    /** Who shares what with whom, and what all weighs, whatever labels it has. */
    private static final List<Route> WHOLE = routes(Form.JSON, """
            /system/space /system/reclaim
            /layers /layers/{diffId} /images/{name}/layers /containers/{id}/layers""");

    private static final List<Route> FIGURES = routes(Form.OPEN, "/metrics");

    /** Of everything that the engine has. */
    static final ReadOnlyRoutes ALL = new ReadOnlyRoutes(DOCUMENTS, LINES, OPEN, WHOLE, FIGURES);

    /** Of what has the labels of a listener. */
    static final ReadOnlyRoutes OF_LABELLED = new ReadOnlyRoutes(DOCUMENTS, LINES, OPEN);

    /** What a monitor asks. */
    static final ReadOnlyRoutes METRICS = new ReadOnlyRoutes(FIGURES);

    private final List<Route> allowed;

    @SafeVarargs
    private ReadOnlyRoutes(List<Route>... allowed) {
        this.allowed = Stream.of(allowed).flatMap(List::stream).toList();
    }

    private static List<Route> routes(Form form, String paths) {
        return Arrays.stream(paths.strip().split("\\s+"))
                .map(path -> new Route(PathPatternParser.defaultInstance.parse(path), form))
                .toList();
    }

    /**
     * The route that a request is for, empty where it is refused.
     *
     * @param path encoded, and without a version before it
     */
    Optional<Route> find(String method, String path) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Optional.empty();
        }
        PathContainer parsed = PathContainer.parsePath(path);
        return allowed.stream().filter(route -> route.path().matches(parsed)).findFirst();
    }
}
