import GerundConfiguration
import GerundCore
import GerundEngine
import GerundMedia
import Testing

@Suite("New settings of a run")
struct SettingsChangeTests {
    private func settings(_ sources: [String]) throws -> WatchSettings {
        var settings = WatchSettings()
        settings.sources = try sources.map { try SourceAddress($0) }
        return settings
    }

    @Test("add, change and remove sources by their names, and leave the others alone")
    func sources() throws {
        let old = try self.settings(["rtsp://cam/1#name=door", "rtsp://cam/2#name=yard", "a.mp4"])
        let new = try self.settings(["rtsp://cam/1#name=door", "rtsp://u:new@cam/2#name=yard", "b.mp4"])
        let change = try SettingsChange(from: old, to: new)
        #expect(change.added.map(\.id.name) == ["b.mp4"])
        #expect(change.changed.map(\.id.name) == ["yard"])
        #expect(change.changed == [new.sources[1]])
        #expect(change.removed.map(\.name) == ["a.mp4"])
        #expect(change.summary == "added b.mp4; changed yard; removed a.mp4")
    }

    @Test("change nothing when they say the same, in whatever order")
    func same() throws {
        let old = try self.settings(["rtsp://u:p@cam/1#name=door", "a.mp4"])
        let change = try SettingsChange(
            from: old, to: try self.settings(["a.mp4", "rtsp://u:p@cam/1#name=door"]))
        #expect(change.added.isEmpty && change.changed.isEmpty && change.removed.isEmpty && change.summary == "")
    }

    @Test("open all sources anew that are to be opened in another way")
    func opening() throws {
        let old = try self.settings(["a.mp4", "b.mp4"])
        var new = old
        new.stallTimeout = 3
        let change = try SettingsChange(from: old, to: new)
        #expect(change.changed == old.sources && change.added.isEmpty && change.removed.isEmpty)
    }

    @Test("are refused where only a new run can follow, each with its line")
    func fixed() throws {
        let old = try self.settings(["a.mp4"])
        var new = try self.settings(["b.mp4"])
        new.rate = 4
        new.mode = .fast
        new.places = [.mode: .init(path: "g.yaml", line: 7), .rate: .init(path: "g.yaml", line: 3)]
        do {
            _ = try SettingsChange(from: old, to: new)
            Issue.record("was not refused")
        } catch {
            #expect(
                error.problems.map(\.description) == [
                    "g.yaml:3: 'rate' can't change while running: start again, or change it back",
                    "g.yaml:7: 'mode' can't change while running: start again, or change it back",
                ])
        }
        // Taken out of the file, it has no line any more.
        let without = try self.settings(["b.mp4"])
        do {
            _ = try SettingsChange(from: new, to: without)
            Issue.record("was not refused")
        } catch {
            #expect(error.problems.allSatisfy { $0.description.hasPrefix("g.yaml: '") })
        }
    }

    @Test("are followed or refused in every setting", arguments: WatchSettings.Key.allCases)
    func everySetting(key: WatchSettings.Key) throws {
        let old = try self.settings(["a.mp4"])
        var new = old
        switch key {
        case .sources: new.sources = []
        case .model: new.model = "m"
        case .precision: new.precision = "bf16"
        case .threads: new.threads = 1
        case .labels: new.labels = ["a"]
        case .labelsFile: new.labelsFile = "l"
        case .background: new.background = ["b"]
        case .thresholds: new.thresholds = ["a": .init(enter: 0.5)]
        case .enter: new.enter = 0.5
        case .exit: new.exit = 0.5
        case .minimumDuration: new.minimumDuration = 1
        case .smoothing: new.smoothing = 1
        case .mergeGap: new.mergeGap = 2
        case .cooldown: new.cooldown = 2
        case .overlap: new.overlap = true
        case .updates: new.updates = 2
        case .span: new.span = 2
        case .rate: new.rate = 2
        case .mode: new.mode = .exact
        case .refresh: new.refresh = 2
        case .audit: new.audit = 0
        case .pace: new.pace = .fast
        case .duration: new.duration = 2
        case .format: new.format = "text"
        case .changes: new.changes = true
        case .log: new.log = "l"
        case .logSize: new.logSize = 4096
        case .logKeep: new.logKeep = 2
        case .stallTimeout: new.stallTimeout = 1
        case .keepTrying: new.keepTrying = true
        }
        let change = Result { () throws(ConfigurationError) in try SettingsChange(from: old, to: new) }
        let whatRunsCanFollow: Set<WatchSettings.Key> = [
            .sources, .labels, .labelsFile, .background, .thresholds, .enter, .exit, .minimumDuration, .smoothing,
            .mergeGap, .cooldown, .updates, .pace, .stallTimeout, .keepTrying,
        ]
        #expect((try? change.get()) == nil ? !whatRunsCanFollow.contains(key) : whatRunsCanFollow.contains(key))
    }
}
