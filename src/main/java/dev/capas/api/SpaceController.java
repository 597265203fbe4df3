package dev.capas.api;

import dev.capas.filter.ByteSize;
import dev.capas.home.EngineHome;
import dev.capas.usage.Space;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Where the space below the data root goes. */
@RestController
@Tag(name = "System")
final class SpaceController {
    private final EngineHome home;
    private final Space space;

    SpaceController(EngineHome home, Space space) {
        this.home = home;
        this.space = space;
    }

    /**
     * All that lies below the data root.
     *
     * @param dataRoot its path
     * @param size the sum over the parts in bytes
     * @param diskUsage the sum over the parts in bytes: what {@code du -sx} finds
     * @param parts one for each kind
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "SpaceUsage")
    record Usage(String dataRoot, long size, long diskUsage, List<Part> parts) {}

    /**
     * What all of one kind weighs.
     *
     * @param kind "Layers", "Journals", …
     * @param count how many there are
     * @param size the lengths of all files in bytes
     * @param diskUsage what the file system gave them and their directories, in bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "SpacePart")
    record Part(String kind, long count, long size, long diskUsage) {}

    /** Tells what every byte below the data root is for; the sum of what is allocated is what {@code du -sx} finds there. */
    @GetMapping("/system/space")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = Usage.class)))
    ResponseEntity<Object> space(HttpServletRequest request) throws IOException {
        List<Part> parts = space.parts().stream()
                .map(part -> new Part(part.kind().title(), part.count(), part.size(), part.diskUsage()))
                .toList();
        Usage usage = new Usage(
                home.dataRoot().toString(),
                parts.stream().mapToLong(Part::size).sum(),
                parts.stream().mapToLong(Part::diskUsage).sum(),
                parts);
        return Answer.of(request, usage, () -> table(usage));
    }

    private static TextTable table(Usage usage) {
        TextTable table = new TextTable("TYPE", "COUNT", "SIZE", "DISK USAGE");
        usage.parts()
                .forEach(part -> table.row(
                        part.kind(), part.count(), ByteSize.format(part.size()), ByteSize.format(part.diskUsage())));
        return table.row("Total", "", ByteSize.format(usage.size()), ByteSize.format(usage.diskUsage()));
    }
}
