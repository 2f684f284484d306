import GerundEvents
import GerundMedia
import GerundSettings
import Testing

@Suite("Settings")
struct SettingsTests {
    private func file(_ line: Int) -> SettingLocation { SettingLocation(path: "g.yaml", line: line) }

    @Test("Take values of lower precedence only where none is given, with their lines")
    func merging() throws {
        let table = SettingsTable.shared
        var line = Settings()
        line.startThreshold = 0.9
        line.onlyChanges = true
        line.background = ["an empty room"]
        var file = Settings()
        file.assign(SettingAssignment(table.sources, [try SourceAddress("a.mp4")]), at: self.file(1))
        file.assign(SettingAssignment(table.startThreshold, 0.5), at: self.file(2))
        file.assign(SettingAssignment(table.endThreshold, 0.3), at: self.file(3))
        file.assign(SettingAssignment(table.onlyChanges, false), at: self.file(4))
        file.assign(SettingAssignment(table.keepTrying, true), at: self.file(5))
        file.assign(SettingAssignment(table.labels, ["running"]), at: self.file(6))
        file.assign(SettingAssignment(table.background, ["an empty scene"]), at: self.file(7))
        let merged = line.merging(defaults: file)
        #expect(merged.startThreshold == 0.9 && merged.endThreshold == 0.3)
        #expect(merged.onlyChanges == true && merged.keepTrying == true)
        #expect(merged.sources == file.sources && merged.labels == ["running"])
        #expect(merged.background == ["an empty room"])
        // A value of the command line has no line in the file.
        #expect(Set(merged.locations.keys) == ["sources", "end_threshold", "keep_trying", "labels"])
        #expect(merged.locations["end_threshold"]?.description == "g.yaml:3")
    }

    @Test("Are complete with the settings of one place alone")
    func identity() throws {
        var settings = Settings()
        settings.window = .seconds(2)
        settings.thresholds = ["a": LabelThresholds(start: 0.5)]
        settings.labels = ["a"]
        #expect(Settings().merging(defaults: settings) == settings)
        #expect(settings.merging(defaults: Settings()) == settings)
    }

    @Test("Merge the thresholds of labels, of which the first take precedence")
    func thresholds() {
        let setting = SettingsTable.shared.thresholds
        var (first, second) = (Settings(), Settings())
        first.assign(SettingAssignment(setting, ["a": LabelThresholds(start: 0.9)]), at: self.file(3))
        second.assign(
            SettingAssignment(
                setting, ["a": LabelThresholds(start: 0.5, end: 0.4), "b": LabelThresholds(start: 0.6)]),
            at: self.file(7))
        let merged = first.merging(defaults: second)
        #expect(merged.thresholds == ["a": LabelThresholds(start: 0.9), "b": LabelThresholds(start: 0.6)])
        #expect(merged.locations["thresholds"] == self.file(3))
        #expect(Settings().merging(defaults: second).locations["thresholds"] == self.file(7))
    }

    @Test("Take labels from one place only, whether listed or in a file")
    func labels() {
        var line = Settings()
        line.labelsFile = "labels.txt"
        var file = Settings()
        file.labels = ["running"]
        #expect(line.merging(defaults: file).labels == nil)
        #expect(file.merging(defaults: line).labelsFile == nil)
    }

    @Test("Collect the values of a repeated option")
    func repeated() {
        let labels = SettingsTable.shared.labels
        var settings = Settings()
        settings.assign(SettingAssignment(labels, ["a"]))
        settings.assign(SettingAssignment(labels, ["b"]))
        #expect(settings.labels == ["a", "b"])
    }

    @Test("Reject contradictions, with the line of the setting to change")
    func contradictions() {
        let table = SettingsTable.shared
        var settings = Settings()
        settings.startThreshold = 0.5
        settings.assign(SettingAssignment(table.endThreshold, 0.6), at: self.file(3))
        #expect(
            performing: { try settings.checkCombinations() },
            throws: { error in
                (error as? SettingsError)?.problems.map(\.description)
                    == ["g.yaml:3: 'end_threshold' (0.6) is above --start-threshold (0.5): lower it"]
            })
        var log = Settings()
        log.logMaximumSize = 1 << 20
        #expect(
            performing: { try log.checkCombinations() }, throws: { "\($0)".contains("--log-max-size requires --log") })
        log.log = "x"
        #expect(throws: Never.self) { try log.checkCombinations() }
        log.logMaximumSize = nil
        log.logMaximumFiles = 3
        #expect(throws: SettingsError.self) { try log.checkCombinations() }
    }

    @Test("Give a label its own thresholds, and move a missing one only as far as necessary")
    func labelThresholds() {
        func resolved(_ start: Double?, _ end: Double?) -> [Double] {
            let thresholds = LabelThresholds(start: start, end: end).resolved(defaults: .init(start: 0.6, end: 0.4))
            return [thresholds.start, thresholds.end]
        }
        #expect(resolved(0.8, 0.7) == [0.8, 0.7])
        #expect(resolved(0.8, nil) == [0.8, 0.4])
        #expect(resolved(0.3, nil) == [0.3, 0.3])
        #expect(resolved(nil, 0.5) == [0.6, 0.5])
        #expect(resolved(nil, 0.9) == [0.9, 0.9])
        #expect(resolved(nil, nil) == [0.6, 0.4])
    }
}
