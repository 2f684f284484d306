import GerundCore
import GerundSettings
import Testing

@Suite("Settings of gerund.json")
struct ModelSettingsTests {
    private func settings(_ json: String) throws -> Settings {
        try Settings(modelJSON: try JSONValue(parsing: Array(json.utf8)).object, path: "m/gerund.json")
    }

    @Test("Hold every setting of the file")
    func everySetting() throws {
        let settings = try self.settings(
            #"""
            {"name": "d", "labels": ["a", "b"], "background": ["c"], "window": 2.5, "rate": 4, "start_threshold": 0.6,
             "end_threshold": 0.4, "smoothing": 0, "min_duration": "1s", "merge_gap": 0.25}
            """#)
        #expect(settings.keys == Set(SettingsTable.shared.settings(in: .model).map(\.key)))
        #expect(settings.name == "d" && settings.labels == ["a", "b"] && settings.background == ["c"])
        #expect(settings.window == .milliseconds(2500) && settings.rate == 4)
        #expect(settings.startThreshold == 0.6 && settings.endThreshold == 0.4)
        #expect(settings.smoothing == .zero && settings.minimumDuration == .seconds(1))
        #expect(settings.mergeGap == .milliseconds(250))
    }

    @Test("Are empty without a file and for an empty one")
    func none() throws {
        #expect(try Settings(modelJSON: nil, path: "") == Settings())
        #expect(try self.settings("{}") == Settings())
    }

    @Test(
        "Reject a value that the file may not have, with its path and what is allowed",
        arguments: [
            (#"{"windw": 2}"#, "unknown key 'windw': did you mean 'window'?"),
            (#"{"minDuration": 2}"#, "did you mean 'min_duration'?"), (#"{"lables": []}"#, "did you mean 'labels'?"),
            (#"{"x": 1}"#, "expected one of name, labels,"), (#"{"a\nb": 1}"#, "unknown key"),
            (#"{"window": 0.001}"#, "'window' must be a duration from 0.1s to 1h"), (#"{"window": 0}"#, "not 0"),
            (#"{"window": "two"}"#, "not \"two\""), (#"{"window": 1e9}"#, "from 0.1s to 1h"),
            (#"{"window": null}"#, "not null"), (#"{"rate": -1}"#, "not -1"), (#"{"rate": "4"}"#, "not \"4\""),
            (#"{"start_threshold": 1.5}"#, "from 0 to 1, not 1.5"), (#"{"start_threshold": true}"#, "not true"),
            (
                #"{"start_threshold": 0.3, "end_threshold": 0.4}"#,
                "'end_threshold' (0.4) is above 'start_threshold' (0.3)"
            ),
            (#"{"smoothing": -0.1}"#, "from 0s to 1h"), (#"{"labels": "a"}"#, "a list of strings, not \"a\""),
            (#"{"labels": [1]}"#, "a list of strings"), (#"{"labels": ["a", "a"]}"#, "without duplicates"),
            (#"{"labels": ["  "]}"#, "without empty ones"),
            (#"{"name": ["a"]}"#, "must be a string, not an array of 1"),
            (#"{"background": ["a\nb"]}"#, "line breaks"), (#"{"span": 2}"#, "'span' is now called 'window'"),
            (#"{"enter": 0.5}"#, "'enter' is now called 'start_threshold'"),
            (#"{"exit": 0.5}"#, "'exit' is now called 'end_threshold'"), (#"{"mode": "fast"}"#, "unknown key 'mode'"),
        ])
    func rejected(json: String, part: String) throws {
        do {
            _ = try self.settings(json)
            Issue.record("accepted \(json)")
        } catch let error as SettingsError {
            #expect(error.code == .invalidModelSettings)
            #expect(error.summary.hasPrefix("m/gerund.json: ") && error.summary.contains(part), "\(error.summary)")
            #expect(!error.summary.contains("\n"))
        }
    }
}
