package dev.capas.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.core.JacksonException;

/** What those who may only read see of a field. */
class RedactionTest {
    private static String copy(String json) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Redaction.copy(bytes, bytes.length, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'Name':'a','Size':3,'On':true,'None':null} ~ {'Name':'a','Size':3,'On':true,'None':null}",
                "{'NewField':'s','New':{'Field':['s',{'Token':'s'}]}} ~ {'NewField':'','New':{'Field':['',{'Token':''}]}}",
                "[{'Env':['A=s=t','B','C=']}] ~ [{'Env':['A=','B','C=']}]",
                "{'Config':{'Cmd':['a','s'],'Entrypoint':null}} ~ {'Config':{'Cmd':['a'],'Entrypoint':null}}",
                "{'Config':{'Cmd':['s','s'],'Entrypoint':['a','s']}} ~ {'Config':{'Cmd':[],'Entrypoint':['a']}}",
                "{'Cmd':['s'],'Path':'a','Args':['s']} ~ {'Cmd':[],'Path':'a','Args':[]}",
                "{'Healthcheck':{'Test':['CMD','s'],'Interval':5}} ~ {'Healthcheck':{'Test':['CMD'],'Interval':5}}",
                "{'ProcessConfig':{'entrypoint':'sh','arguments':['-c','s']}} ~ {'ProcessConfig':{'entrypoint':'sh','arguments':[]}}",
                "[{'Command':'sh -c s','Labels':{'Cmd':'shown'}}] ~ [{'Command':'sh','Labels':{'Cmd':'shown'}}]",
                "[{'CreatedBy':'RUN |1 T=s /bin/sh -c s # buildkit'}] ~ [{'CreatedBy':'RUN'}]",
                "[{'CreatedBy':'/bin/sh -c #(nop)  ENV T=s'}] ~ [{'CreatedBy':'/bin/sh -c #(nop)  ENV'}]",
                "[{'CreatedBy':'/bin/sh -c s'},{'CreatedBy':'s'},{'CreatedBy':'|1 T=s sh'}] ~ [{'CreatedBy':'/bin/sh'},{'CreatedBy':''},{'CreatedBy':''}]",
                "{'OnBuild':['RUN s','COPYs']} ~ {'OnBuild':['RUN','']}",
                "{'LogConfig':{'Type':'t','Config':{'Type':'s'}}} ~ {'LogConfig':{'Type':'t','Config':{'Type':''}}}",
                "{'Options':{'Name':'s'},'DriverOpts':{'Id':'s'},'Tmpfs':{'/t':'s'}} ~ {'Options':{'Name':''},'DriverOpts':{'Id':''},'Tmpfs':{'/t':''}}",
                "{'Networks':{'Labels':{'DriverOpts':{'a':'s'},'Gateway':'g'}}} ~ {'Networks':{'Labels':{'DriverOpts':{'a':''},'Gateway':'g'}}}",
                "{'Volumes':[{'Name':'v','Options':{'o':'s'}}]} ~ {'Volumes':[{'Name':'v','Options':{'o':''}}]}",
                "{'HttpProxy':'s','Mirrors':['s'],'State':{'Error':'s','Health':{'Log':[{'Output':'s'}]}}} ~ {'HttpProxy':'','Mirrors':[],'State':{'Error':'','Health':{'Log':[{'Output':''}]}}}",
                "{'status':'exec_start: sh -c s','Action':'health_status: healthy'} ~ {'status':'exec_start: sh','Action':'health_status: healthy'}",
                "'s' ~ ''",
                "['s',['s']] ~ ['',['']]"
            })
    void showsWhatIsHarmless(String answer, String shown) throws IOException {
        assertThat(copy(answer.replace('\'', '"'))).isEqualTo(shown.replace('\'', '"') + "\n");
    }

    @Test
    void copiesLines() throws IOException {
        assertThat(copy("{\"id\":\"a\"}\r\n{\"id\":\"b\"}\r\n")).isEqualTo("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
        assertThat(copy("")).isEmpty();
    }

    @Test
    void copiesNothingThatIsNoJson() {
        assertThatThrownBy(() -> copy("LAYER   SIZE\n")).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> copy("\u0001{}")).isInstanceOf(JacksonException.class);
    }

    /** A new text in an answer is shown only when somebody has thought of it; here it is asked for that. */
    @Test
    void isDecidedForEveryTextOfTheAnswers() throws IOException {
        Map<String, ?> document = new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(Path.of("api-spec/openapi.yaml")));
        Texts texts = new Texts(map(map(document.get("components")).get("schemas")));
        map(document.get("paths")).forEach((path, item) -> {
            boolean allowed = ReadOnlyRoutes.ALL
                    .find("GET", path.replaceAll("[{}]", ""))
                    .filter(route -> route.form() != ReadOnlyRoutes.Form.OPEN)
                    .isPresent();
            if (allowed) {
                map(map(map(item).get("get")).get("responses"))
                        .forEach((status, answer) -> map(map(answer).get("content"))
                                .forEach((type, content) ->
                                        texts.collect("", map(map(content).get("schema")))));
            }
        });
        assertThat(texts.fields)
                .contains("Env", "CreatedBy", "Labels", "Attributes")
                .hasSizeGreaterThan(150);
        texts.fields.removeAll(Redaction.decided());
        // the configurations of images have the fields of those of containers; the options of log drivers are hidden
        // where they stand
        texts.fields.removeAll(Set.of("", "Config", "ContainerConfig"));
        assertThat(texts.fields)
                .as("decide in Redaction whether these are shown")
                .isEmpty();
    }

    /** The fields that have texts, or whatever: an object that says nothing of its fields. */
    private static final class Texts {
        private final Map<String, ?> schemas;
        private final Set<String> seen = new HashSet<>();
        private final Set<String> fields = new TreeSet<>();

        Texts(Map<String, ?> schemas) {
            this.schemas = schemas;
        }

        void collect(String field, Map<String, ?> schema) {
            if (schema.get("$ref") instanceof String reference) {
                String name = reference.substring(reference.lastIndexOf('/') + 1);
                if (seen.add(name)) {
                    collect(field, map(schemas.get(name)));
                }
                return;
            }
            map(schema.get("properties")).forEach((name, property) -> collect(name, map(property)));
            collectMap(field, schema);
            Object type = schema.get("type");
            List<?> types = type instanceof List<?> several ? several : type == null ? List.of() : List.of(type);
            if (types.contains("array")) {
                collect(field, map(schema.get("items")));
            } else if (types.contains("string")
                    || (types.contains("object") || types.isEmpty()) && !schema.containsKey("properties")) {
                fields.add(field);
            }
        }

        private void collectMap(String field, Map<String, ?> schema) {
            Map<String, ?> values = map(schema.get("additionalProperties"));
            if (values.containsKey("$ref")) {
                fields.add(field);
                collect(field, values);
            } else if (!values.isEmpty() && !Objects.equals(values.get("type"), "integer")) {
                fields.add(field);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> map(Object value) {
        return value == null ? Map.of() : (Map<String, ?>) value;
    }
}
