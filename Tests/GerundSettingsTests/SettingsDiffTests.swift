import GerundCore
import GerundEngine
import GerundMedia
import GerundSettings
import Testing

@Suite("SettingsDiff")
struct SettingsDiffTests {
    private func settings(_ sources: [String]) throws -> Settings {
        var settings = Settings()
        settings.sources = try sources.map { try SourceAddress($0) }
        return settings
    }

    @Test("Finds added, changed and removed sources by their names")
    func sources() throws {
        let old = try self.settings(["rtsp://cam/1#name=door", "rtsp://cam/2#name=yard", "a.mp4"])
        let new = try self.settings(["rtsp://cam/1#name=door", "rtsp://u:new@cam/2#name=yard", "b.mp4"])
        let diff = try SettingsDiff(from: old, to: new)
        #expect(diff.added.map(\.id.name) == ["b.mp4"])
        #expect(diff.changed == [new.sources?[1]])
        #expect(diff.removed.map(\.name) == ["a.mp4"])
        #expect(diff.summary == "source 'b.mp4' added; source 'yard' changed; source 'a.mp4' removed")
    }

    @Test("Is empty for the same sources in any order")
    func same() throws {
        let old = try self.settings(["rtsp://u:p@cam/1#name=door", "a.mp4"])
        let diff = try SettingsDiff(from: old, to: try self.settings(["a.mp4", "rtsp://u:p@cam/1#name=door"]))
        #expect(diff.added.isEmpty && diff.changed.isEmpty && diff.removed.isEmpty && diff.summary == "")
    }

    @Test("Reopens all sources if the way of opening changes")
    func reopening() throws {
        let old = try self.settings(["a.mp4", "b.mp4"])
        var new = old
        new.stallTimeout = .seconds(3)
        let diff = try SettingsDiff(from: old, to: new)
        #expect(diff.changed == old.sources && diff.added.isEmpty && diff.removed.isEmpty)
        #expect(diff.summary == "sources 'a.mp4', 'b.mp4' changed")
    }

    @Test("Rejects settings that only a restart can change, each with its line")
    func immutable() throws {
        let old = try self.settings(["a.mp4"])
        var new = try self.settings(["b.mp4"])
        let table = SettingsTable.shared
        new.assign(SettingAssignment(table.rate, 4), at: SettingLocation(path: "g.yaml", line: 3))
        new.assign(SettingAssignment(table.mode, .fast), at: SettingLocation(path: "g.yaml", line: 7))
        do {
            _ = try SettingsDiff(from: old, to: new)
            Issue.record("applied immutable settings")
        } catch {
            #expect(
                error.problems.map(\.description) == [
                    "g.yaml:3: 'rate' can't be changed at run time: restart or revert",
                    "g.yaml:7: 'mode' can't be changed at run time: restart or revert",
                ])
            #expect(error.summary == "\(error.problems[0]) (and 1 more)")
        }
        // Removed from the file, the setting no longer has a line.
        do {
            _ = try SettingsDiff(from: new, to: old)
            Issue.record("applied immutable settings")
        } catch {
            #expect(error.problems.allSatisfy { $0.description.hasPrefix("g.yaml: '") })
        }
    }

    @Test(
        "Follows or rejects the change of any setting, as the table says",
        arguments: SettingsTable.shared.settings(in: .configuration).map(\.key))
    func everySetting(key: String) throws {
        let live: Set = [
            "sources", "labels", "labels_file", "background", "thresholds", "start_threshold", "end_threshold",
            "min_duration", "smoothing", "merge_gap", "cooldown", "update_interval", "pace", "stall_timeout",
            "keep_trying",
        ]
        let setting = try #require(SettingsTable.shared.all.first { $0.key == key })
        #expect((setting.mutability != .fixed) == live.contains(key))
        let old = try self.settings(["a.mp4"])
        var new = old
        switch key {
        case "sources": new.sources = [try SourceAddress("b.mp4")]
        case "thresholds": new.thresholds = ["a": LabelThresholds(start: 0.5)]
        case "rate": new.rate = 2
        default:
            let texts = [
                "true", "5000", "1", "0.5", "1%", "all", setting.choices.last ?? "x", "text",
            ]
            let assignment = texts.lazy.compactMap { try? setting.assignment($0) }.first
            new.assign(try #require(assignment))
        }
        #expect(new.keys.contains(key))
        #expect(((try? SettingsDiff(from: old, to: new)) != nil) == live.contains(key))
    }
}
