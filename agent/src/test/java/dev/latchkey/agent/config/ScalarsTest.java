package dev.latchkey.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarsTest {
    private static final Host HOST = Fixture.host(Map.of());

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "250ms, 250",
        "1s, 1000",
        "2m, 120000",
        "1h, 3600000",
        "1d, 86400000",
        "36525d, 3155760000000",
        "007s, 7000"
    })
    void readsDurations(String text, long millis) {
        assertEquals(
                Optional.of(Duration.ofMillis(millis)),
                Scalars.DURATION.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "00",
                "-1s",
                "1.5s",
                "1 s",
                "1S",
                "1w",
                "1m30s",
                "s",
                "PT1S",
                "36526d",
                "99999999999999999999d",
                "9223372036854775807d"
            })
    void refusesOtherDurations(String text) {
        assertEquals(Optional.empty(), Scalars.DURATION.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1B, 1", "64KiB, 65536", "100MiB, 104857600", "2GiB, 2147483648"})
    void readsSizes(String text, long bytes) {
        assertEquals(Optional.of(bytes), Scalars.SIZE.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1", "64KB", "64kib", "1.5GiB", "-1B", "9223372036854775807GiB", "99999999999999999999B"})
    void refusesOtherSizes(String text) {
        assertEquals(Optional.empty(), Scalars.SIZE.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @CsvSource({"0600, 384", "0666, 438", "0000, 0", "0777, 511"})
    void readsModes(String text, int bits) {
        assertEquals(Optional.of(bits), Scalars.MODE.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "600", "0o600", "0800", "01777", "rw-------"})
    void refusesOtherModes(String text) {
        assertEquals(Optional.empty(), Scalars.MODE.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80, /127.0.0.1:80", "0.0.0.0:65535, /0.0.0.0:65535", "[::1]:7342, '/[0:0:0:0:0:0:0:1]:7342'"
    })
    void readsAddresses(String text, String socketAddress) {
        Address address = Scalars.ADDRESS.parser().apply(text, HOST).orElseThrow();

        assertEquals(socketAddress, address.toSocketAddress().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1",
                ":80",
                "127.0.0.1:",
                "127.0.0.1:0",
                "127.0.0.1:65536",
                "256.0.0.1:80",
                "127.1:80",
                "::1:80",
                "[::g]:80",
                "example.com:80"
            })
    void refusesOtherAddresses(String text) {
        assertEquals(Optional.empty(), Scalars.ADDRESS.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @CsvSource({"alice, 1000", "0, 0", "4294967294, 4294967294"})
    void readsUsersByNameOrNumber(String text, long uid) {
        assertEquals(Optional.of(uid), Scalars.USER.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bob", "broken", "-1", "4294967295", "99999999999", "workers"})
    void refusesUsersThatAreNotThere(String text) {
        assertEquals(Optional.empty(), Scalars.USER.parser().apply(text, HOST));
    }

    @ParameterizedTest
    @CsvSource({"soket, socket", "environmnet, environment", "Path, path", "default_provider, default-provider"})
    void suggestsWhatWasMeant(String text, String name) {
        assertEquals(
                Optional.of(name),
                Suggestion.nearest(text, List.of("path", "socket", "sockets-x", "environment", "default-provider")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "colour", "unrelated-thing"})
    void suggestsNothingFarFetched(String text) {
        assertEquals(Optional.empty(), Suggestion.nearest(text, List.of("path", "socket", "environment")));
    }
}
