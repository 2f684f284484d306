import Foundation
import GerundCore
import GerundEngine
import GerundEvents
import GerundSettings
import GerundStream
import Testing

@Suite("ResolvedSettings for a model")
struct ResolvedSettingsModelTests {
    private static let model = Result {
        try RecognitionModel(
            path: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Samples/demo-model").path)
    }

    private let model: RecognitionModel

    init() throws {
        self.model = try Self.model.get()
    }

    private func located(_ line: Int) -> SettingLocation { SettingLocation(path: "g.yaml", line: line) }

    @Test("Take the window, thresholds and labels of gerund.json")
    func modelSettings() throws {
        let settings = try ResolvedSettings(Settings(), for: self.model)
        #expect(settings.plan == (try SamplingPlan(frameCount: 8, windowDuration: .seconds(2))))
        #expect(settings.thresholds.startThreshold == 0.5 && settings.thresholds.endThreshold == 0.2)
        #expect(settings.smoothing == .milliseconds(400))
        let labels = try settings.labelSet(for: self.model)
        #expect(labels.labels.count == 13 && labels.labels.first == "walking")
        #expect(labels.background == ["standing still", "an empty room"])
        let configuration = settings.configuration(labels: labels)
        #expect(configuration.labels == labels && configuration.plan == settings.plan && configuration.audit == 0.01)
        #expect(configuration.thresholds == settings.thresholds && configuration.smoothing == settings.smoothing)
        #expect(configuration.mode == .auto && configuration.refresh == 1 && configuration.duration == nil)
    }

    @Test("Drop a background phrase of the model that is a label, but not one of the user")
    func background() throws {
        var line = Settings()
        line.labels = ["standing still"]
        let labels = try ResolvedSettings(line, for: self.model).labelSet(for: self.model)
        #expect(labels.labels == ["standing still"] && labels.background == ["an empty room"])
        line.labels = ["standing still", "an empty room"]
        #expect(
            try ResolvedSettings(line, for: self.model).labelSet(for: self.model).background
                == LabelSet.defaultBackground)
        line.background = ["standing still"]
        let contradiction = try ResolvedSettings(line, for: self.model)
        #expect(throws: SettingsError.self) { try contradiction.labelSet(for: self.model) }
    }

    @Test("Report unusable labels with the line that gave them")
    func invalidLabels() throws {
        var file = Settings()
        file.assign(
            SettingAssignment(SettingsTable.shared.labelsFile, "/nowhere/labels.txt"), at: self.located(2))
        let settings = try ResolvedSettings(Settings(), files: [file], for: self.model)
        let error = #expect(throws: SettingsError.self) { try settings.labelSet(for: self.model) }
        #expect(error?.code == .invalidLabels)
        #expect(error?.summary.hasPrefix("g.yaml:2: /nowhere/labels.txt: ") == true, "\(error?.summary ?? "")")
    }

    @Test("Reject windows that take too much memory, with the line of the rate")
    func memory() throws {
        var file = Settings()
        file.assign(SettingAssignment(SettingsTable.shared.window, .seconds(3600)), at: self.located(2))
        file.assign(SettingAssignment(SettingsTable.shared.rate, 60), at: self.located(3))
        let error = #expect(throws: SettingsError.self) {
            try ResolvedSettings(Settings(), files: [file], for: self.model)
        }
        #expect(error?.code == .conflictingSettings && error?.problems.first?.location == self.located(3))
        #expect(error?.message.contains("MB per source") == true)
    }
}
