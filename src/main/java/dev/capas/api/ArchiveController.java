package dev.capas.api;

import dev.capas.container.ContainerArchive;
import dev.capas.container.ContainerArchive.PathStat;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
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
class ArchiveController {
    private static final String STAT = "X-Docker-Container-Path-Stat";

    private final ContainerArchive archive;

    ArchiveController(ContainerArchive archive) {
        this.archive = archive;
    }

    @RequestMapping(path = "/containers/{id}/archive", method = RequestMethod.HEAD)
    void stat(@PathVariable String id, @RequestParam(defaultValue = "") String path, HttpServletResponse response) {
        response.setHeader(STAT, encoded(archive.stat(id, path)));
    }

    @GetMapping("/containers/{id}/archive")
    void get(@PathVariable String id, @RequestParam(defaultValue = "") String path, HttpServletResponse response)
            throws IOException {
        archive.copyOut(
                id,
                path,
                stat -> {
                    response.setHeader(STAT, encoded(stat));
                    response.setContentType("application/x-tar");
                },
                response.getOutputStream());
    }

    @PutMapping("/containers/{id}/archive")
    void put(
            @PathVariable String id,
            @RequestParam(defaultValue = "") String path,
            @RequestParam(defaultValue = "") boolean noOverwriteDirNonDir,
            @RequestParam(name = "copyUIDGID", defaultValue = "") boolean copyOwner,
            HttpServletRequest request)
            throws IOException {
        archive.copyIn(id, path, noOverwriteDirNonDir, copyOwner, Decompression.of(request.getInputStream()).stream());
    }

    @GetMapping("/containers/{id}/export")
    void export(@PathVariable String id, HttpServletResponse response) throws IOException {
        response.setContentType("application/octet-stream");
        archive.export(id, response.getOutputStream());
    }

    private static String encoded(PathStat stat) {
        byte[] json = Json.MAPPER.writeValueAsString(stat).getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(json);
    }
}
