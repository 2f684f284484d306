import GerundCore
import GerundEvents
import Testing

@testable import GerundSettings

@Suite("Calibration file")
struct CalibrationFileTests {
    @Test("Reads back as the settings that it was written with, whatever labels and sources are called")
    func roundTrip() throws {
        let labels = ["say \"hi\": #1", "ёлка {x}", "- yes", "back\\slash"]
        let levels = [0.6, 0.95, 0.9995].map { HysteresisThresholds(start: $0, end: $0 / 2) }
        let calibration = Calibration(
            labels: labels, counts: [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], candidates: levels,
            observedDuration: .seconds(86_400), budget: 1)
        let setting = Calibration.Context(
            model: "demo", background: ["an empty room", "null"], window: .seconds(2.5), windowRate: 4,
            smoothing: .milliseconds(750),
            thresholds: EventThresholds(minimumDuration: .milliseconds(250), mergeGap: .seconds(2)))
        let text = calibration.yaml(sources: ["rtsp://cam\u{2028}/1", "a\nb: c"], setting)
        let settings = try SettingsFile.parse(text, path: "thresholds.yaml")

        #expect(settings.labels == labels)
        #expect(settings.background == ["an empty room", "null"])
        #expect(settings.sources == nil && settings.model == nil)
        #expect(settings.window == .milliseconds(2500) && settings.rate == 4)
        #expect(settings.smoothing == .milliseconds(750))
        #expect(settings.minimumDuration == .milliseconds(250) && settings.mergeGap == .seconds(2))
        let starts = labels.map { settings.thresholds?[$0]?.start }
        #expect(starts == [0.6, 0.95, 0.9995, 1])
        #expect(settings.thresholds?["ёлка {x}"]?.end == 0.475)
    }
}
