package dev.capas.daemon;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line of Capas. */
@Command(
        name = "capas",
        description = "A container engine that speaks the Docker Engine API, with a layer store whose sizes add up.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Text.class,
        subcommands = {
            DaemonCommand.class,
            FsckCommand.class,
            LayersCommand.class,
            FilesCommand.class,
            CompareCommand.class,
            BudgetCommand.class,
            ReclaimCommand.class,
            SpaceCommand.class,
            VersionCommand.class
        })
public final class Capas implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs the command that the arguments name; the exit status is 0, 1 where it failed, 2 where the arguments are wrong. */
    public static void main(String[] arguments) {
        System.exit(commandLine(new Capas()).execute(arguments));
    }

    /** How a command is run, and how it tells what went wrong. */
    static CommandLine commandLine(Object command) {
        return new CommandLine(command)
                .setExecutionExceptionHandler(Capas::report)
                .setParameterExceptionHandler(Capas::explain)
                .setUsageHelpWidth(110);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** In one line what is wrong with the arguments, where the whole usage would drown it. */
    private static int explain(CommandLine.ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
        command.getErr().println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** One line for a person, without the stack: what went wrong is in the message, or in the log above it. */
    private static int report(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + e.getMessage());
        return 1;
    }
}
