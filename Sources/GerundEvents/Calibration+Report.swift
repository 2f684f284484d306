import GerundCore
public import GerundRecords

extension Calibration {
    /// The settings that the thresholds were calibrated for.
    ///
    /// They are valid with these only: other windows, texts or rules give other scores and events.
    public struct Context: Sendable {
        /// The model's name.
        public var model: String
        /// The background phrases.
        public var background: [String]
        /// The media time that a window covers.
        public var window: Duration
        /// Windows per second of media time.
        public var windowRate: Double
        /// The half-life of the smoothing.
        public var smoothing: Duration
        /// The rules by which events start and end.
        public var thresholds: EventThresholds

        /// Creates a set of settings.
        public init(
            model: String, background: [String], window: Duration, windowRate: Double, smoothing: Duration,
            thresholds: EventThresholds
        ) {
            self.model = model
            self.background = background
            self.window = window
            self.windowRate = windowRate
            self.smoothing = smoothing
            self.thresholds = thresholds
        }
    }

    /// Returns a configuration file for watching, with the thresholds, the settings that they are valid with, and the
    /// bounds as comments.
    ///
    /// - Parameters:
    ///   - sources: The names of the sources, without credentials.
    ///   - context: The settings that the thresholds were calibrated for.
    /// - Returns: The file as YAML.
    public func yaml(sources: [String], _ context: Context) -> String {
        func list(_ texts: [String]) -> String { "[" + texts.map(\.jsonQuoted).joined(separator: ", ") + "]" }
        let names = sources.map(\.jsonQuoted).joined(separator: ", ")
        let header = ["\(Self.fileHeader) from \(names), with the model \(context.model.jsonQuoted)."]
        let comments = header + self.summaryLines.map { "# \($0)" }
        let settings = [
            "labels: \(list(self.labels.map(\.label)))", "background: \(list(context.background))",
            "window: \(context.window.seconds)", "rate: \(context.windowRate)",
            "smoothing: \(context.smoothing.seconds)",
            "min_duration: \(context.thresholds.minimumDuration.seconds)",
            "merge_gap: \(context.thresholds.mergeGap.seconds)", "thresholds:",
        ]
        let thresholds = self.labels.map { label in
            let thresholds = label.thresholds ?? HysteresisThresholds(start: 1, end: 1)
            return "  \(label.label.jsonQuoted): {start_threshold: \(Self.threshold(thresholds.start)), "
                + "end_threshold: \(Self.threshold(thresholds.end))}"
        }
        return (comments + settings + thresholds).map { "\($0)\n" }.joined()
    }

    /// The first words of the files that ``yaml(sources:_:)`` makes.
    public static let fileHeader = "# Written by gerund calibrate"

    /// The thresholds of each label as records.
    public var thresholdRecords: [ThresholdRecord] {
        self.labels.map { label in
            ThresholdRecord(
                label: label.label, startThreshold: label.thresholds?.start ?? 1,
                endThreshold: label.thresholds?.end ?? 1, isFound: label.thresholds != nil, falseAlarms: label.alarms,
                falseAlarmsAtDefault: label.alarmsAtDefault, upperBoundPerDay: label.upperBoundPerDay)
        }
    }

    /// The result over all labels as a record.
    public var record: CalibrationRecord {
        CalibrationRecord(
            hours: self.hours, falseAlarms: self.alarms, upperBoundPerDay: self.upperBoundPerDay,
            confidence: Self.confidence, budgetPerDay: self.budget, isBudgetMet: self.meetsBudget,
            requiredHours: self.requiredHours)
    }

    /// One line of JSON per label and one for all, each with its line end.
    public var jsonLines: String {
        (self.thresholdRecords.map(\.jsonLine) + [self.record.jsonLine]).map { $0 + "\n" }.joined()
    }

    /// A table of the thresholds, followed by the bounds in sentences.
    public var text: String {
        var table = TextTable([
            .init("label"), .init("start", .trailing), .init("end", .trailing), .init("alarms", .trailing),
            .init("at default", .trailing), .init("max/day (95 %)", .trailing),
        ])
        for label in self.labels {
            table.append([
                label.label, label.thresholds.map { Self.threshold($0.start) } ?? "never",
                label.thresholds.map { Self.threshold($0.end) } ?? "-", "\(label.alarms)", "\(label.alarmsAtDefault)",
                label.upperBoundPerDay.fixed(2),
            ])
        }
        return table.text + "\n" + self.summaryLines.joined(separator: "\n") + "\n"
    }

    /// The bounds in sentences, one per line.
    private var summaryLines: [String] {
        let confidence = "\((100 * Self.confidence).fixed(0)) % confidence"
        let alarms = self.alarms == 0 ? "no alarms" : self.alarms == 1 ? "1 alarm" : "\(self.alarms) alarms"
        let budget = Self.number(self.budget)
        var lines = [
            "\(Self.time(self.hours)) of video: \(alarms) at these thresholds.",
            "Upper bound: \(Self.number(self.upperBoundPerDay)) false alarms per day and source over all labels "
                + "(\(confidence)).",
        ]
        if self.meetsBudget {
            lines.append("Budget of \(budget) per day met.")
        } else {
            lines.append(
                "Not enough video to guarantee \(budget) per day; \(Self.time(self.requiredHours)) without an alarm "
                    + "would suffice\(self.labels.count > 1 ? ", or less with fewer labels" : "").")
        }
        let disabled = self.labels.filter { $0.thresholds == nil }.map { "'\($0.label.sanitized)'" }
        if !disabled.isEmpty {
            let (verb, noun) = disabled.count == 1 ? ("it was", "the label") : ("they were", "these labels")
            lines.append(
                "No threshold separates \(disabled.joined(separator: ", ")) from these recordings, so \(verb) disabled. "
                    + "Remove or rephrase \(noun).")
        }
        lines.append("Assumes that alarms are independent and that future video resembles this sample.")
        return lines
    }

    private static func time(_ hours: Double) -> String {
        hours < 1 ? "\(Self.number(60 * hours)) minutes" : "\(Self.number(hours)) hours"
    }

    private var hours: Double { self.observedDuration / .seconds(3600) }

    /// Returns a threshold as text, with as many digits as the candidates have.
    private static func threshold(_ threshold: Double) -> String {
        let text = threshold.fixed(4)
        return text.hasSuffix("00") ? String(text.dropLast(2)) : text
    }

    /// Returns a number as text, with about three digits.
    private static func number(_ value: Double) -> String {
        value == value.rounded() || value >= 100 ? value.fixed(0) : value.fixed(value >= 10 ? 1 : 2)
    }
}
