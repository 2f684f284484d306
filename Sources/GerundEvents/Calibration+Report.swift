import GerundCore

extension Calibration {
    /// What the levels hold with: with other windows, texts or rules, scores and events are others.
    public struct Setting: Sendable {
        /// The model's name.
        public var model: String
        public var background: [String]
        /// Seconds that a window covers.
        public var span: Double
        /// Windows per second.
        public var rate: Double
        /// The half-life of the smoothing.
        public var smoothing: Duration
        public var thresholds: EventThresholds

        public init(
            model: String, background: [String], span: Double, rate: Double, smoothing: Duration,
            thresholds: EventThresholds
        ) {
            self.model = model
            self.background = background
            self.span = span
            self.rate = rate
            self.smoothing = smoothing
            self.thresholds = thresholds
        }
    }

    /// The levels, and what they hold with, as a file of settings for watching, with how sure they are beside them.
    ///
    /// - Parameter sources: What was watched, by names without credentials.
    public func yaml(sources: [String], _ setting: Setting) -> String {
        func list(_ texts: [String]) -> String { "[" + texts.map(JSONLine.quoted).joined(separator: ", ") + "]" }
        let names = sources.map(JSONLine.quoted).joined(separator: ", ")
        let head = ["\(Self.mark) from \(names), with the model \(JSONLine.quoted(setting.model))."]
        let comments = head + self.words.map { "# \($0)" }
        let settings = [
            "labels: \(list(self.labels.map(\.label)))", "background: \(list(setting.background))",
            "span: \(setting.span)", "rate: \(setting.rate)", "smoothing: \(setting.smoothing.inSeconds)",
            "min_duration: \(setting.thresholds.minimumDuration.inSeconds)",
            "merge_gap: \(setting.thresholds.mergeGap.inSeconds)", "thresholds:",
        ]
        let levels = self.labels.map { label in
            let levels = label.levels ?? EventLevels(enter: 1, exit: 1)
            return "  \(JSONLine.quoted(label.label)): {enter: \(Self.level(levels.enter)), "
                + "exit: \(Self.level(levels.exit))}"
        }
        return (comments + settings + levels).map { "\($0)\n" }.joined()
    }

    /// The beginning of the files that ``yaml(sources:)`` makes.
    public static let mark = "# Written by gerund calibrate"

    /// A line of JSON for each label, and one for all, each with its end.
    public var jsonLines: String {
        let lines = self.labels.map { label in
            var json = JSONLine(type: "level")
            json.add("label", label.label)
            json.add("enter", label.levels?.enter ?? 1, decimals: 4)
            json.add("exit", label.levels?.exit ?? 1, decimals: 4)
            json.add("found", label.levels != nil)
            json.add("alarms", label.alarms)
            json.add("usual_alarms", label.usualAlarms)
            json.add("at_most_per_day", label.atMostPerDay, decimals: 3)
            return json.finished() + "\n"
        }
        var json = JSONLine(type: "calibration")
        json.add("hours", self.hours, decimals: 4)
        json.add("alarms", self.alarms)
        json.add("at_most_per_day", self.atMostPerDay, decimals: 3)
        json.add("confidence", Self.confidence, decimals: 2)
        json.add("budget_per_day", self.budget, decimals: 3)
        json.add("kept", self.isKept)
        json.add("needed_hours", self.neededHours, decimals: 1)
        return lines.joined() + json.finished() + "\n"
    }

    /// A table for people, and what it is worth.
    public var text: String {
        let width = max(5, self.labels.map(\.label.count).max() ?? 0)
        func row(_ label: String, _ columns: [String]) -> String {
            let padded = zip(columns, [8, 8, 9, 16, 18]).map { Self.padded($0, to: $1) }
            return label + String(repeating: " ", count: width - label.count) + padded.joined() + "\n"
        }
        let rows = self.labels.map { label in
            row(
                label.label,
                [
                    label.levels.map { Self.level($0.enter) } ?? "never",
                    label.levels.map { Self.level($0.exit) } ?? "-",
                    "\(label.alarms)", "\(label.usualAlarms)", label.atMostPerDay.fixed(2),
                ])
        }
        let head = row("label", ["enter", "exit", "alarms", "alarms before", "at most a day"])
        return head + rows.joined() + "\n" + self.words.joined(separator: "\n") + "\n"
    }

    /// How sure it is, in sentences.
    private var words: [String] {
        let confidence = "\((100 * Self.confidence).fixed(0)) % confidence"
        let alarms = self.alarms == 0 ? "no alarm" : self.alarms == 1 ? "1 alarm" : "\(self.alarms) alarms"
        var words = [
            "\(Self.time(self.hours)) of footage; with these levels it has \(alarms).",
            "That makes at most \(Self.number(self.atMostPerDay)) a day for each source, of all labels together, with "
                + "\(confidence).",
        ]
        if self.isKept {
            words.append("The budget of \(Self.number(self.budget)) is kept.")
        } else {
            words.append(
                "That is too little footage to promise \(Self.number(self.budget)): "
                    + "\(Self.time(self.neededHours)) without an alarm would be enough"
                    + (self.labels.count > 1 ? ", fewer with fewer labels." : "."))
        }
        let lost = self.labels.filter { $0.levels == nil }.map { "'\($0.label)'" }
        if !lost.isEmpty {
            words.append(
                "No level is high enough for \(lost.joined(separator: ", ")): normal footage looks like it. "
                    + "It never starts an event; leave it out, or word it otherwise.")
        }
        words.append("All this supposes that alarms come independently and that other days are like this footage.")
        return words
    }

    private static func time(_ hours: Double) -> String {
        hours < 1 ? "\(Self.number(60 * hours)) minutes" : "\(Self.number(hours)) hours"
    }

    private var hours: Double { self.watched / .seconds(3600) }

    /// With as many digits as levels have.
    private static func level(_ level: Double) -> String {
        let text = level.fixed(4)
        return text.hasSuffix("00") ? String(text.dropLast(2)) : text
    }

    /// With three digits or so.
    private static func number(_ value: Double) -> String {
        value == value.rounded() || value >= 100 ? value.fixed(0) : value.fixed(value >= 10 ? 1 : 2)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
