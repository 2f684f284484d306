import GerundConfiguration
import GerundEngine
import GerundEvents
import GerundMedia
import Testing

@Suite("The settings of a watch")
struct WatchSettingsTests {
    @Test("are the command line's, and the file's where that leaves something open")
    func commandLineFirst() throws {
        var line = WatchSettings()
        line.enter = 0.9
        line.changes = true
        line.background = ["an empty room"]
        var file = WatchSettings()
        file.sources = [try SourceAddress("a.mp4")]
        file.enter = 0.5
        file.exit = 0.3
        file.changes = false
        file.keepTrying = true
        file.labels = ["running"]
        file.background = ["nobody"]
        for key in [WatchSettings.Key.sources, .enter, .exit, .background, .labels] {
            file.places[key] = WatchSettings.Place(path: key.rawValue, line: 1)
        }
        let filled = line.filled(from: file)
        #expect((filled.enter, filled.exit, filled.changes, filled.keepTrying) == (0.9, 0.3, true, true))
        #expect(filled.sources == file.sources && filled.labels == ["running"])
        #expect(filled.background == ["an empty room"])
        // What the command line says is in no line of the file.
        #expect(Set(filled.places.keys) == [.sources, .exit, .labels])
        #expect(filled.places[.exit]?.description == "exit:1")
    }

    @Test("fill every setting that is open")
    func everySetting() throws {
        var file = WatchSettings()
        (file.sources, file.model, file.precision, file.threads) = ([try SourceAddress("a")], "m", "f32", 1)
        (file.labelsFile, file.background, file.thresholds) = ("l", ["b"], ["x": .init(enter: 0.5)])
        (file.enter, file.exit, file.minimumDuration, file.smoothing, file.mergeGap) = (0.5, 0.4, 1, 2, 3)
        (file.audit, file.cooldown, file.overlap, file.updates) = (0.5, 9, true, 10)
        (file.span, file.rate, file.mode, file.refresh, file.pace) = (4, 5, .fast, 6, .realtime)
        (file.duration, file.format, file.changes, file.log) = (7, "text", true, "log")
        (file.logSize, file.logKeep) = (4096, 2)
        (file.stallTimeout, file.keepTrying) = (8, true)
        #expect(WatchSettings().filled(from: file) == file)
        #expect(file.filled(from: WatchSettings()) == file)
    }

    @Test("join the levels of labels from several files, the first of which counts")
    func thresholds() {
        var (first, second) = (WatchSettings(), WatchSettings())
        first.thresholds = ["a": .init(enter: 0.9)]
        second.thresholds = ["a": .init(enter: 0.5, exit: 0.4), "b": .init(enter: 0.6)]
        #expect(first.filled(from: second).thresholds == ["a": .init(enter: 0.9), "b": .init(enter: 0.6)])
    }

    @Test("take labels from one of both only, whether listed or in a file")
    func labelsAreOneThing() {
        var line = WatchSettings()
        line.labelsFile = "labels.txt"
        var file = WatchSettings()
        file.labels = ["running"]
        #expect(line.filled(from: file).labels == [])
        #expect(file.filled(from: line).labelsFile == nil)
    }

    @Test("give a label its own levels, and move the one that it leaves open only if they would cross")
    func levels() {
        let usual = EventLevels(enter: 0.6, exit: 0.4)
        func levels(_ enter: Double?, _ exit: Double?) -> [Double] {
            let levels = WatchSettings.LabelThresholds(enter: enter, exit: exit).levels(usual: usual)
            return [levels.enter, levels.exit]
        }
        #expect(levels(0.8, 0.7) == [0.8, 0.7])
        #expect(levels(0.8, nil) == [0.8, 0.4])
        #expect(levels(0.3, nil) == [0.3, 0.3])
        #expect(levels(nil, 0.5) == [0.6, 0.5])
        #expect(levels(nil, 0.9) == [0.9, 0.9])
        #expect(levels(nil, nil) == [0.6, 0.4])
    }
}
