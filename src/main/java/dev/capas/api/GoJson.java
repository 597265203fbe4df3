package dev.capas.api;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.exc.MismatchedInputException;

/** What Go's {@code encoding/json} says of a document that cannot be decoded. */
final class GoJson {
    private GoJson() {}

    /**
     * The words for a failure.
     *
     * @param type what the document was to become; records are named as Docker's types are
     */
    static String explain(JacksonException failure, byte[] document, JavaType type) {
        return JsonSyntax.fault(document).orElseGet(() -> mismatch(failure, type));
    }

    private static String mismatch(JacksonException failure, JavaType root) {
        String path = failure.getPath().stream()
                .map(step ->
                        step.getPropertyName() == null ? Integer.toString(step.getIndex()) : step.getPropertyName())
                .map(step -> step.replace("~", "~0").replace("/", "~1"))
                .collect(Collectors.joining("."));
        Class<?> target = switch (failure) {
            case MismatchedInputException mismatch when mismatch.getTargetType() != null -> mismatch.getTargetType();
            case InputCoercionException overflow when overflow.getTargetType() != null -> overflow.getTargetType();
            default -> root.getRawClass();
        };
        String place = path.isEmpty() ? "value" : "struct field " + structName(root) + "." + path;
        return "json: cannot unmarshal " + found(failure, isNumber(target)) + " into Go " + place + " of type "
                + typeName(target);
    }

    private static String found(JacksonException failure, boolean number) {
        if (!(failure.processor() instanceof JsonParser parser)) {
            return "value";
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "object";
            case START_ARRAY, END_ARRAY -> "array";
            case VALUE_STRING -> "string";
            case VALUE_TRUE, VALUE_FALSE -> "bool";
            case VALUE_NUMBER_INT -> !number || fits(parser) ? "number" : "number " + parser.getString();
            case VALUE_NUMBER_FLOAT -> number ? "number " + parser.getString() : "number";
            case null, default -> "value";
        };
    }

    private static boolean isNumber(Class<?> type) {
        return type != boolean.class && type.isPrimitive()
                || Number.class.isAssignableFrom(type)
                || type == Duration.class;
    }

    /** Go names the number where its value is what is wrong, and not where a number is. */
    private static boolean fits(JsonParser parser) {
        return parser.getNumberType() == JsonParser.NumberType.INT;
    }

    /** A request that Docker decodes into an embedded structure has no name in its messages. */
    private static String structName(JavaType root) {
        String name = root.getRawClass().getSimpleName();
        return switch (name) {
            case "CreateBody", "ContainerConfig" -> "";
            case "NetworkRequest" -> "CreateRequest";
            case "Connect", "Disconnect" -> name + "Options";
            default -> name;
        };
    }

    private static String typeName(Class<?> type) {
        if (type == String.class) {
            return "string";
        } else if (type == long.class || type == Long.class) {
            return "int64";
        } else if (type == int.class || type == Integer.class) {
            return "int";
        } else if (type == double.class || type == Double.class) {
            return "float64";
        } else if (type == boolean.class || type == Boolean.class) {
            return "bool";
        } else if (type == Duration.class) {
            return "time.Duration";
        } else if (Collection.class.isAssignableFrom(type)) {
            return "[]string";
        } else if (Map.class.isAssignableFrom(type)) {
            return "map[string]string";
        }
        String packageName = type.getPackageName();
        return packageName.substring(packageName.lastIndexOf('.') + 1) + "." + type.getSimpleName();
    }
}
