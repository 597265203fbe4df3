package dev.capas.layer;

import dev.capas.linux.Fd;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.stereotype.Component;

/** Root filesystems as overlay mounts. Whether this place allows them is tried once, at the start. */
@Component
class OverlayMount implements RootFilesystems {
    private static final List<String> OPTIONS = List.of("redirect_dir=nofollow", "metacopy=off", "index=off");

    private final ExecutorService blocking = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("mount-", 0).factory());
    /** By target, what is unmounted and not written yet. */
    private final Map<Path, CompletableFuture<Void>> ending = new ConcurrentHashMap<>();

    private final Optional<String> unavailable;

    OverlayMount(LayerFiles files) throws IOException {
        this.unavailable = files.freeSpace().isExhausted() ? Optional.empty() : attempt(files);
    }

    @Override
    public void mount(List<Path> lowers, Path upper, Path work, Path target) throws IOException {
        awaitEnd(target);
        onPlatformThread(() -> Mounts.overlay(lowers, upper, work, target, OPTIONS));
    }

    @Override
    public void mount(List<Path> lowers, Path target) throws IOException {
        onPlatformThread(() -> Mounts.overlay(lowers, null, null, target, OPTIONS));
    }

    /**
     * The target is free at once. Whoever lets go of an overlay last waits for all of the disk below it to be written (the kernel's way),
     * so somebody does for whom nobody waits, but the next who mounts it.
     */
    @Override
    public void unmount(Path target) throws IOException {
        Fd held = Fd.open(target, Fd.O_PATH | Fd.O_DIRECTORY, 0);
        try {
            onPlatformThread(() -> Mounts.unmount(target, Mounts.DETACH));
        } catch (IOException e) {
            held.close();
            throw e;
        }
        CompletableFuture<Void> end = CompletableFuture.runAsync(held::close, blocking);
        ending.put(target, end);
        end.whenComplete((done, failure) -> ending.remove(target, end));
    }

    private void awaitEnd(Path target) {
        CompletableFuture<Void> end = ending.get(target);
        if (end != null) {
            end.join();
        }
    }

    @Override
    public Optional<String> unavailable() {
        return unavailable;
    }

    /** Tries it with directories of its own; on a full disk there is no place for them, and nothing to learn. */
    private Optional<String> attempt(LayerFiles files) throws IOException {
        Path staging = files.newStaging();
        Path lower = Files.createDirectory(staging.resolve("lower"));
        Path upper = Files.createDirectory(staging.resolve("upper"));
        Path work = Files.createDirectory(staging.resolve("work"));
        Path target = Files.createDirectory(staging.resolve("merged"));
        try {
            mount(List.of(lower), upper, work, target);
            unmount(target);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("overlayfs cannot be mounted here (" + e.getMessage()
                    + "): containers cannot be started; run the engine as root, with its data root on ext4 or xfs");
        } finally {
            files.discard(staging);
        }
    }

    private interface Call {
        void run() throws IOException;
    }

    private void onPlatformThread(Call call) throws IOException {
        try {
            CompletableFuture.runAsync(
                            () -> {
                                try {
                                    call.run();
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            blocking)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }
}
