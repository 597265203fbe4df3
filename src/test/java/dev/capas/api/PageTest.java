package dev.capas.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.filter.Slice;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.util.UriComponentsBuilder;

class PageTest {
    private static ApiRequest request(String uri) {
        var request = new MockHttpServletRequest("GET", URI.create(uri).getRawPath());
        UriComponentsBuilder.fromUriString(uri)
                .build()
                .getQueryParams()
                .forEach((name, values) -> values.forEach(value -> request.addParameter(
                        name, java.net.URLDecoder.decode(value, java.nio.charset.StandardCharsets.UTF_8))));
        request.setQueryString(URI.create(uri).getRawQuery());
        return new ApiRequest(request);
    }

    /** The address of what follows. */
    private static String next(String uri, String last) {
        Slice<String> slice = new Slice<>(List.of("x"), last);
        String link = Page.of(request(uri))
                .answer(slice, List.of(), () -> new TextTable("X"))
                .getHeaders()
                .getFirst("Link");
        assertThat(link).startsWith("<").endsWith(">; rel=\"next\"");
        return Objects.requireNonNull(link).substring(1, link.indexOf('>'));
    }

    @Test
    void comesWholeWithoutALimit() {
        Page page = Page.of(request("/layers"));
        assertThat(page.limit()).isEqualTo(Integer.MAX_VALUE);
        assertThat(page.after()).isNull();
        assertThat(page.answer(new Slice<>(List.of(), null), List.of(), () -> new TextTable("X"))
                        .getHeaders()
                        .getFirst("Link"))
                .isNull();
    }

    @Test
    void theLinkLeadsOn() {
        String next = next("/v1.44/layers?sort=-size&limit=2&larger=1%20MB", "12 é|>");
        assertThat(next).startsWith("/v1.44/layers?").contains("sort=-size", "limit=2", "larger=1+MB");
        Page page = Page.of(request(next));
        assertThat(page.limit()).isEqualTo(2);
        assertThat(page.after()).isEqualTo("12 é|>");
        assertThat(next(next, "second")).isNotEqualTo(next);
    }

    @Test
    void aPathThatIsNoTextKeepsItsBytes() {
        String next = next("/images/a/files?path=/%FFa%2Bb&limit=1", "1");
        assertThat(next).contains("path=%2F%FFa%2Bb");
        assertThat(Page.of(request(next)).after()).isEqualTo("1");
        assertThatThrownBy(() -> Page.of(request(next.replace("%FF", "%FE")))).hasMessageContaining("invalid cursor");
    }

    @Test
    void theLimitMayChangeOnTheWay() {
        String next = next("/layers?limit=2&sort=size", "last");
        assertThat(Page.of(request(next.replace("limit=2", "limit=5"))).after()).isEqualTo("last");
    }

    @Test
    void aCursorHoldsForItsQueryOnly() {
        String cursor = next("/layers?limit=2&sort=size", "last").replaceAll(".*cursor=([^&]*).*", "$1");
        for (String other :
                List.of("/layers?sort=-size", "/layers", "/layers?sort=size&unused=1", "/images/x/files?sort=size")) {
            String uri = other + (other.contains("?") ? "&" : "?") + "cursor=" + cursor;
            assertThatThrownBy(() -> Page.of(request(uri)))
                    .as(uri)
                    .hasMessage("invalid cursor: it is not of this query");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "%00", "AAAA", "not base 64!", "4pyT4pyT4pyT4pyT4pyT"})
    void refusesACursorThatNobodyGave(String cursor) {
        var request = new MockHttpServletRequest("GET", "/layers");
        request.addParameter("cursor", cursor);
        assertThatThrownBy(() -> Page.of(request)).hasMessage("invalid cursor: it is not of this query");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "ten", "1.5", "2147483648", "99999999999999999999"})
    void refusesALimitThatIsNone(String limit) {
        var request = new MockHttpServletRequest("GET", "/layers");
        request.addParameter("limit", limit);
        assertThatThrownBy(() -> Page.of(request))
                .hasMessage("invalid limit '" + limit + "': a positive number is needed");
    }
}
