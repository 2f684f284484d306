import GerundCore
import GerundEvents
import Testing

@testable import GerundConfiguration

@Suite("The file that calibrating writes")
struct CalibratedLevelsTests {
    @Test("is read as what it was written for, whatever labels and sources are called")
    func roundTrip() throws {
        let labels = ["say \"hi\": #1", "ёлка {x}", "- yes", "back\\slash"]
        let levels = [0.6, 0.95, 0.9995].map { EventLevels(enter: $0, exit: $0 / 2) }
        let calibration = Calibration(
            labels: labels, counts: [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], levels: levels,
            watched: .seconds(86_400), budget: 1)
        let setting = Calibration.Setting(
            model: "demo", background: ["an empty room", "null"], span: 2.5, rate: 4, smoothing: .milliseconds(750),
            thresholds: EventThresholds(minimumDuration: .milliseconds(250), mergeGap: .seconds(2)))
        let text = calibration.yaml(sources: ["rtsp://cam\u{2028}/1", "a\nb: c"], setting)
        let settings = try ConfigurationFile.parse(
            Array(text.utf8), path: "levels.yaml",
            choices: ConfigurationFile.Choices(formats: ["auto"], precisions: ["auto"]))

        #expect(settings.labels == labels)
        #expect(settings.background == ["an empty room", "null"])
        #expect(settings.sources.isEmpty && settings.model == nil)
        #expect((settings.span, settings.rate, settings.smoothing) == (2.5, 4, 0.75))
        #expect((settings.minimumDuration, settings.mergeGap) == (0.25, 2))
        let enters = labels.map { settings.thresholds[$0]?.enter }
        #expect(enters == [0.6, 0.95, 0.9995, 1])
        #expect(settings.thresholds["ёлка {x}"]?.exit == 0.475)
    }
}
