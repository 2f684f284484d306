import GerundSettings
import Testing

@Suite("Duration as the text of a setting")
struct DurationTextTests {
    @Test(
        "Reads seconds, units and combinations of units",
        arguments: [
            ("90", 90.0), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("0.5", 0.5), ("0.25s", 0.25), ("1.5h", 5400),
            ("2d", 172_800), ("1d2h3m4s", 93_784), ("0", 0), (".5", 0.5), ("1e3", 1000), ("1m30s", 90),
        ])
    func reads(text: String, seconds: Double) {
        #expect(Duration(settingText: text) == .seconds(seconds))
    }

    @Test(
        "Rejects anything else",
        arguments: [
            "", "s", "m", "1x", "1 s", " 1", "-1", "-1s", "1s1s", "1s1m", "30m1h", "1h30", "1e3s", "0x10s", "nan",
            "inf",
            "1e300", "1e400", "1:30", "1,5s", "1..5s", "infs", "99999999d",
        ])
    func rejects(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(
        "Is written in the shortest form that reads back",
        arguments: [
            (Duration.seconds(90), "1m30s"), (.seconds(900), "15m"), (.seconds(5400), "1h30m"), (.seconds(10), "10s"),
            (.milliseconds(500), "0.5s"), (.zero, "0s"), (.milliseconds(90_500), "90.5s"), (.seconds(3600), "1h"),
        ])
    func writes(duration: Duration, text: String) {
        #expect(duration.settingText == text)
        #expect(Duration(settingText: text) == duration)
    }
}
