import java.nio.file.Files;
import java.nio.file.Path;
import org.jetbrains.dokka.DokkaBootstrapImpl;

/** Runs Dokka with a configuration: {@code java -cp JARS Generate.java CONFIGURATION}. Java compiles it by itself. */
class Generate {
    public static void main(String[] arguments) throws Exception {
        DokkaBootstrapImpl dokka = new DokkaBootstrapImpl();
        String configuration = Files.readString(Path.of(arguments[0]));
        dokka.configure(configuration, (level, text) -> System.out.println(level + ": " + text));
        int status = 1;
        try {
            dokka.generate();
            status = 0;
        } catch (Throwable failure) {
            failure.printStackTrace(System.out);
        }
        // Dokka's threads would keep the process alive after a failure.
        System.exit(status);
    }
}
