package dev.capas.daemon;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The entry point of the engine. */
@SpringBootApplication(scanBasePackages = "dev.capas")
public class Capas {
    public static void main(String[] args) {
        SpringApplication.run(Capas.class, args);
    }
}
