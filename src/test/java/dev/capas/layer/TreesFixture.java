package dev.capas.layer;

import dev.capas.daemon.Stores;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A store for all tests of a class, and for each of them trees that are gone with it. */
abstract class TreesFixture {
    static Stores stores;
    Trees trees;

    @BeforeAll
    static void open() throws IOException {
        stores = Stores.open(Stores.Database.H2);
    }

    @AfterAll
    static void close() {
        stores.close();
    }

    @BeforeEach
    void begin() {
        trees = new Trees(stores);
    }

    @AfterEach
    void end() throws IOException {
        trees.close();
    }
}
