package dev.capas.api;

import dev.capas.filter.Filters;
import org.apache.catalina.connector.Connector;

/** A listener whose clients may read what is in {@link ReadOnlyRoutes}, and do nothing. */
public final class ReadOnlyConnector extends Connector {
    private final Filters labels;
    private final ReadOnlyRoutes routes;

    private ReadOnlyConnector(String protocol, Filters labels, ReadOnlyRoutes routes) {
        super(protocol);
        this.labels = labels;
        this.routes = routes;
    }

    /**
     * Makes one.
     *
     * @param protocol the class of Tomcat's protocol
     * @param labels what lacks them (by the name {@code label}) does not exist there
     */
    public static ReadOnlyConnector of(String protocol, Filters labels) {
        return new ReadOnlyConnector(
                protocol, labels, labels.isEmpty() ? ReadOnlyRoutes.ALL : ReadOnlyRoutes.OF_LABELLED);
    }

    /** Makes one that has {@code /metrics} and nothing else. */
    public static ReadOnlyConnector ofMetrics(String protocol) {
        return new ReadOnlyConnector(protocol, Filters.NONE, ReadOnlyRoutes.METRICS);
    }

    Filters labels() {
        return labels;
    }

    ReadOnlyRoutes routes() {
        return routes;
    }
}
