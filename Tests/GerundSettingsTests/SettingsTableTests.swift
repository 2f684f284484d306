import GerundCore
import GerundEngine
import GerundSettings
import Testing

@Suite("SettingsTable")
struct SettingsTableTests {
    private static let table = SettingsTable.shared

    @Test("Lists every setting that it declares")
    func complete() {
        let declared = Mirror(reflecting: Self.table).children.count
        #expect(Self.table.all.count == declared)
        #expect(Set(Self.table.all.map(\.key)).count == declared)
    }

    @Test("Gives no two settings the same option, key or former name")
    func uniqueNames() {
        let options = Self.table.all.compactMap(\.option)
        #expect(Set(options).count == options.count)
        let keys = Self.table.all.flatMap { [$0.key] + $0.formerKeys }
        #expect(Set(keys).count == keys.count)
    }

    @Test("Names options like keys, apart from the two for labels")
    func optionNames() {
        for setting in Self.table.all {
            guard let option = setting.option, option != setting.key.replacing("_", with: "-") else { continue }
            #expect(
                [setting.key, option] == ["labels", "label"] || [setting.key, option] == ["labels_file", "labels"])
        }
    }

    @Test("Explains every setting in whole sentences", arguments: SettingsTable.shared.all.map(\.key))
    func summaries(key: String) throws {
        let setting = try #require(Self.table.all.first { $0.key == key })
        let first = try #require(setting.summary.first)
        #expect(first.isUppercase)
        #expect(setting.summary.hasSuffix(".") || setting.summary.hasSuffix(")."), "\(setting.summary)")
        #expect(setting.option != nil || !setting.files.isEmpty)
    }

    /// A number as a user writes it, without the fraction of a whole number.
    private static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

    private static let ranged = SettingsTable.shared.all.filter { $0.range != nil }.map(\.key)

    @Test("Accepts both ends of a range and nothing beyond, in options", arguments: ranged)
    func rangeOfOption(key: String) throws {
        let setting = try #require(Self.table.all.first { $0.key == key })
        let range = try #require(setting.range)
        let isInteger = setting.expected.contains("whole") || setting.expected.contains("size")
        let step = isInteger ? 1 : 0.001
        #expect(throws: Never.self) { try setting.assignment(Self.text(range.upper)) }
        #expect(throws: InvalidSettingValue.self) { try setting.assignment(Self.text(range.upper + step)) }
        if range.includesLower {
            #expect(throws: Never.self) { try setting.assignment(Self.text(range.lower)) }
            #expect(throws: InvalidSettingValue.self) { try setting.assignment(Self.text(range.lower - step)) }
        } else {
            #expect(throws: Never.self) { try setting.assignment(Self.text(range.lower + step)) }
            #expect(throws: InvalidSettingValue.self) { try setting.assignment(Self.text(range.lower)) }
        }
        for text in ["", " ", "x", "nan", "inf", "1 2"] {
            #expect(throws: InvalidSettingValue.self) { try setting.assignment(text) }
        }
    }

    @Test(
        "Applies the same range to model files, where a setting is allowed there",
        arguments: SettingsTable.shared.settings(in: .model).filter { $0.range != nil }.map(\.key))
    func rangeInModelFile(key: String) throws {
        let setting = try #require(Self.table.all.first { $0.key == key })
        let range = try #require(setting.range)
        func settings(_ value: Double) throws -> Settings {
            let json = try JSONValue(parsing: Array(#"{"\#(key)": \#(Self.text(value))}"#.utf8))
            return try Settings(modelJSON: json.object, path: "gerund.json")
        }
        #expect(try settings(range.upper).keys == [key])
        #expect(throws: SettingsError.self) { try settings(range.upper + 0.001) }
        #expect(throws: SettingsError.self) { try settings(range.includesLower ? range.lower - 0.001 : range.lower) }
    }

    @Test("Accepts its own choices and suggests the closest one for a mistyped one")
    func choices() throws {
        for setting in Self.table.all {
            for choice in setting.choices {
                #expect(throws: Never.self, "\(setting.key)") { try setting.assignment(choice) }
            }
        }
        let mode = AnySetting(Self.table.mode)
        #expect(performing: { try mode.assignment("fsat") }, throws: { "\($0)" == "must be exact, fast or auto" })
        #expect(
            performing: { try mode.assignment("fas") },
            throws: { "\($0)" == "must be exact, fast or auto: did you mean 'fast'?" })
    }

    @Test("Has built-in defaults within the ranges")
    func defaults() throws {
        let table = Self.table
        #expect(table.window.defaultValue == .seconds(8))
        #expect(table.startThreshold.defaultValue == 0.6 && table.endThreshold.defaultValue == 0.4)
        #expect(table.minimumDuration.defaultValue == .milliseconds(500) && table.mergeGap.defaultValue == .seconds(1))
        #expect(table.smoothing.defaultValue == .milliseconds(500) && table.cooldown.defaultValue == .zero)
        #expect(table.audit.defaultValue == 0.01 && table.refresh.defaultValue == 1 && table.mode.defaultValue == .auto)
        #expect(table.stallTimeout.defaultValue == .seconds(10) && table.logMaximumFiles.defaultValue == 5)
        #expect(table.window.defaultText == "the model's, else 8s")
        #expect(table.audit.defaultText == "1%")
        #expect(table.rate.defaultText == "the model's, else frames per window / window duration")
        #expect(table.labels.defaultText == "the model's")
    }

    @Test("Gives help with the values and the default")
    func help() {
        #expect(
            Self.table.pace.help
                == "The playback speed of files: real time, or as fast as possible. "
                + "(values: realtime, unpaced; default: realtime on a terminal, else unpaced)")
        #expect(Self.table.overlap.help.hasSuffix("By default, only the leading label has events."))
    }

    @Test(
        "Names the new option for a former one",
        arguments: [
            ("span", "window"), ("enter", "start-threshold"), ("exit", "end-threshold"), ("updates", "update-interval"),
            ("changes", "only-changes"), ("log-size", "log-max-size"), ("log-keep", "log-max-files"), ("out", "output"),
        ])
    func formerOptions(former: String, current: String) {
        #expect(Self.table.formerOptionMessage(former) == "'--\(former)' is now called '--\(current)'")
        #expect(Self.table.formerOptionMessage(current) == nil)
    }
}
