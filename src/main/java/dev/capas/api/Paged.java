package dev.capas.api;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says in the API's document that the method answers with a {@link Page}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        name = "limit",
        in = ParameterIn.QUERY,
        description = "how many at most; all where it is not given",
        schema = @Schema(type = "integer", minimum = "1"))
@Parameter(
        name = "cursor",
        in = ParameterIn.QUERY,
        description = "where to go on: from the Link header (rel=\"next\") of the answer before, to the same query",
        schema = @Schema(type = "string"))
@interface Paged {}
