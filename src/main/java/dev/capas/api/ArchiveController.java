package dev.capas.api;

import dev.capas.container.ContainerArchive;
import dev.capas.container.ContainerArchive.PathStat;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Json;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Copies between the client and a container, tag Container. */
@RestController
@Tag(name = "Container")
class ArchiveController {
    private static final int BUFFER = 128 << 10;
    private static final String STAT = "X-Docker-Container-Path-Stat";

    private final ContainerArchive archive;

    ArchiveController(ContainerArchive archive) {
        this.archive = archive;
    }

    /**
     * Tells of a file of a container, in the header {@code X-Docker-Container-Path-Stat} (JSON in Base64).
     *
     * @param id name, ID, or the beginning of an ID
     * @param path in the container
     */
    @RequestMapping(path = "/containers/{id}/archive", method = RequestMethod.HEAD)
    void stat(@PathVariable String id, @RequestParam(defaultValue = "") String path, HttpServletResponse response) {
        response.setHeader(STAT, encoded(archive.stat(id, path)));
    }

    /**
     * Copies a file or directory out of a container, as a tar.
     *
     * @param id name, ID, or the beginning of an ID
     * @param path in the container
     */
    @GetMapping("/containers/{id}/archive")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "application/x-tar"))
    void get(@PathVariable String id, @RequestParam(defaultValue = "") String path, HttpServletResponse response)
            throws IOException {
        archive.copyOut(
                id,
                path,
                stat -> {
                    response.setHeader(STAT, encoded(stat));
                    response.setContentType("application/x-tar");
                },
                buffered(response));
    }

    /**
     * Extracts a tar, compressed or not, into a directory of a container.
     *
     * @param id name, ID, or the beginning of an ID
     * @param path a directory in the container
     * @param noOverwriteDirNonDir refuses to put a file where a directory is, and the other way round
     * @param copyOwner keeps the owners of the tar
     */
    @PutMapping("/containers/{id}/archive")
    @RequestBody(content = @Content(mediaType = "application/x-tar"), required = true)
    void put(
            @PathVariable String id,
            @RequestParam(defaultValue = "") String path,
            @RequestParam(defaultValue = "") boolean noOverwriteDirNonDir,
            @RequestParam(name = "copyUIDGID", defaultValue = "") boolean copyOwner,
            HttpServletRequest request)
            throws IOException {
        archive.copyIn(id, path, noOverwriteDirNonDir, copyOwner, Decompression.of(request.getInputStream()).stream());
    }

    /**
     * Writes all files of a container as one tar.
     *
     * @param id name, ID, or the beginning of an ID
     */
    @GetMapping("/containers/{id}/export")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = "application/octet-stream"))
    void export(@PathVariable String id, HttpServletResponse response) throws IOException {
        response.setContentType("application/octet-stream");
        archive.export(id, buffered(response));
    }

    /** Headers and the content of small files in one piece, and chunk. */
    private static OutputStream buffered(HttpServletResponse response) throws IOException {
        return new BufferedOutputStream(response.getOutputStream(), BUFFER);
    }

    private static String encoded(PathStat stat) {
        byte[] json = Json.MAPPER.writeValueAsString(stat).getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(json);
    }
}
