import GerundCore
import GerundEngine
import GerundEvents
import GerundMedia

/// Makes settings of a YAML text. What is wrong is collected.
struct SettingsReader {
    private let path: String
    private let choices: ConfigurationFile.Choices
    private var yaml: YAMLReader
    private var settings = WatchSettings()

    init(path: String, choices: ConfigurationFile.Choices) {
        self.path = path
        self.choices = choices
        self.yaml = YAMLReader(path: path)
    }

    var problems: [ConfigurationError.Problem] { self.yaml.problems }

    mutating func settings(of text: String) -> WatchSettings {
        for entry in self.yaml.root(of: text) ?? [] {
            guard let key = WatchSettings.Key(rawValue: entry.key) else {
                let known = WatchSettings.Key.allCases.map(\.rawValue)
                self.yaml.report(YAMLReader.unknownKey(entry.key, of: known), line: entry.line)
                continue
            }
            self.settings.places[key] = WatchSettings.Place(path: self.path, line: entry.line)
            self.read(key, entry)
        }
        self.checkTogether()
        return self.settings
    }

    private mutating func read(_ key: WatchSettings.Key, _ entry: YAMLReader.Entry) {
        switch key {
        case .sources: self.readSources(entry)
        case .labels: self.settings.labels = self.texts(entry, such: "waving a hand")
        case .background: self.settings.background = self.texts(entry, such: "an empty room")
        case .thresholds: self.readThresholds(entry)
        case .model: self.settings.model = self.filePath(entry)
        case .labelsFile: self.settings.labelsFile = self.filePath(entry)
        case .log: self.settings.log = self.filePath(entry)
        case .logSize: self.settings.logSize = self.yaml.size(entry)
        case .logKeep: self.settings.logKeep = self.count(entry, "from 1 to 1000", LogRotation.keeps)
        case .enter: self.settings.enter = self.level(entry)
        case .exit: self.settings.exit = self.level(entry)
        case .minimumDuration: self.settings.minimumDuration = self.seconds(entry)
        case .smoothing: self.settings.smoothing = self.seconds(entry)
        case .mergeGap: self.settings.mergeGap = self.seconds(entry)
        case .cooldown: self.settings.cooldown = self.seconds(entry)
        case .overlap: self.settings.overlap = self.yaml.flag(entry)
        case .updates:
            self.settings.updates = self.yaml.number(entry, "of seconds, from 0.1 to 86400") { 0.1...86400 ~= $0 }
        case .span: self.settings.span = self.seconds(entry, from: 0.1)
        case .stallTimeout: self.settings.stallTimeout = self.seconds(entry, from: 0.1)
        case .rate:
            self.settings.rate = self.yaml.number(entry, "of windows per second, above 0 and at most 60") {
                $0 > 0 && $0 <= 60
            }
        case .duration:
            self.settings.duration = self.yaml.number(entry, "of seconds, above 0") { $0 > 0 && $0 <= 1e9 }
        case .threads:
            self.settings.threads = self.count(entry, "from 1 to 1024", 1...1024)
        case .refresh:
            self.settings.refresh =
                self.yaml.isScalar(entry, "all") ? .max : self.count(entry, "of rows, or all", 0...Int(Int32.max))
        case .mode:
            let known = RecognitionMode.allCases.map(\.rawValue)
            self.settings.mode = self.yaml.choice(entry, among: known).flatMap(RecognitionMode.init)
        case .audit: self.settings.audit = self.yaml.share(entry)
        case .pace:
            self.settings.pace = self.yaml.choice(entry, among: ["realtime", "fast"]).map {
                $0 == "fast" ? .fast : .realtime
            }
        case .precision: self.settings.precision = self.yaml.choice(entry, among: self.choices.precisions)
        case .format: self.settings.format = self.yaml.choice(entry, among: self.choices.formats)
        case .changes: self.settings.changes = self.yaml.flag(entry)
        case .keepTrying: self.settings.keepTrying = self.yaml.flag(entry)
        }
    }

    // MARK: Simple values

    private mutating func level(_ entry: YAMLReader.Entry) -> Double? {
        self.yaml.number(entry, "from 0 to 1") { 0...1 ~= $0 }
    }

    private mutating func seconds(_ entry: YAMLReader.Entry, from least: Double = 0) -> Double? {
        let floor = least == 0 ? "0" : "\(least)"
        return self.yaml.number(entry, "of seconds, from \(floor) to 3600") { least...3600 ~= $0 }
    }

    private mutating func count(_ entry: YAMLReader.Entry, _ what: String, _ range: ClosedRange<Int>) -> Int? {
        self.yaml.number(entry, "\(what)") { Int(exactly: $0).map(range.contains) ?? false }.map { Int($0) }
    }

    private mutating func filePath(_ entry: YAMLReader.Entry) -> String? {
        self.yaml.text(entry).map(self.fromFolder)
    }

    /// A relative path starts at the file's folder, wherever the program was started.
    private func fromFolder(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
        return self.path[...slash] + path
    }

    // MARK: Labels

    private mutating func texts(_ entry: YAMLReader.Entry, such example: String) -> [String] {
        let elements = self.yaml.elements(of: entry, such: example)
        var lines: [String: Int] = [:]
        var texts: [String] = []
        for element in elements {
            guard let text = self.yaml.text(element) else { continue }
            if let line = lines.updateValue(element.line, forKey: text) {
                self.yaml.report(
                    "'\(text.excerpt)' stands in line \(line) already: remove one", line: element.line)
            } else if text == LabelRecord.none {
                self.yaml.report(
                    "'none' is what Gerund says when no label fits: choose another text", line: element.line)
            } else {
                texts.append(text)
            }
        }
        if elements.isEmpty, self.yaml.isList(entry) {
            self.yaml.report("'\(entry.key)' is an empty list: name some, or remove it", line: entry.line)
        }
        return texts
    }

    private mutating func readThresholds(_ entry: YAMLReader.Entry) {
        let example = "falling down: {enter: 0.8, exit: 0.6}"
        for label in self.yaml.entries(of: entry, "'thresholds'", such: example) ?? [] {
            let what = "'\(label.key.excerpt)' under thresholds"
            let members = self.yaml.entries(of: label, what, such: "{enter: 0.8, exit: 0.6}", known: ["enter", "exit"])
            var thresholds = WatchSettings.LabelThresholds()
            for member in members ?? [] {
                if member.key == "enter" { thresholds.enter = self.level(member) }
                if member.key == "exit" { thresholds.exit = self.level(member) }
            }
            self.check(thresholds.enter, thresholds.exit, line: label.line)
            self.settings.thresholds[label.key] = thresholds
            self.thresholdLines.append((label.key, label.line))
        }
    }

    private var thresholdLines: [(label: String, line: Int)] = []

    private mutating func check(_ enter: Double?, _ exit: Double?, line: Int) {
        guard let enter, let exit, exit > enter else { return }
        self.yaml.report("'exit' (\(exit)) is above 'enter' (\(enter)): lower it", line: line)
    }

    // MARK: Sources

    private mutating func readSources(_ entry: YAMLReader.Entry) {
        let elements = self.yaml.elements(of: entry, such: "rtsp://camera/1")
        var lines: [String: Int] = [:]
        for element in elements {
            guard let source = self.source(element) else { continue }
            if let line = lines.updateValue(element.line, forKey: source.id.name) {
                self.yaml.report(
                    "the source in line \(line) is called '\(source.id)' too: give one another name", line: element.line
                )
            } else {
                self.settings.sources.append(source)
            }
        }
        if elements.isEmpty, self.yaml.isList(entry) {
            self.yaml.report("'sources' is an empty list: name at least one", line: entry.line)
        }
    }

    /// An address alone, or with its options beside it.
    private mutating func source(_ entry: YAMLReader.Entry) -> SourceAddress? {
        if self.yaml.isScalar(entry) {
            return self.yaml.text(entry).flatMap { self.address($0, options: [], line: entry.line) }
        }
        let known = ["address"] + SourceOptions.keyNames
        let example = "address: rtsp://camera/1"
        let problemCount = self.problems.count
        let entries = self.yaml.entries(of: entry, "a source", such: example, known: known)
        guard let members = entries, self.problems.count == problemCount else { return nil }
        var options: [(name: String, value: String)] = []
        var text: String?
        for member in members {
            guard let value = self.yaml.text(member) else { return nil }
            if member.key == "address" { text = value } else { options.append((member.key, value)) }
        }
        guard let text else {
            self.yaml.report("the source has no address: write \(example)", line: entry.line)
            return nil
        }
        return self.address(text, options: options, line: entry.line)
    }

    private mutating func address(
        _ text: String, options: [(name: String, value: String)], line: Int
    ) -> SourceAddress? {
        let isPath = text != "-" && !text.hasPrefix("-#") && !text.hasPrefix("test:") && !text.contains("://")
        do {
            return try SourceAddress(isPath ? self.fromFolder(text) : text, options: options)
        } catch {
            self.yaml.report("\(error)", line: line)
            return nil
        }
    }

    // MARK: What has to fit together

    private mutating func checkTogether() {
        func line(_ key: WatchSettings.Key) -> Int {
            self.settings.places[key]?.line ?? 1
        }
        self.check(self.settings.enter, self.settings.exit, line: line(.exit))
        for text in self.settings.labels where self.settings.background.contains(text) {
            self.yaml.report(
                "'\(text.excerpt)' is both a label and a background phrase: drop one", line: line(.background))
        }
        if !self.settings.labels.isEmpty, self.settings.labelsFile != nil {
            self.yaml.report(
                "'labels' and 'labels_file' are both given: put all labels into one of them", line: line(.labelsFile))
        }
        // A label elsewhere can't be looked for here.
        guard !self.settings.labels.isEmpty else { return }
        for (label, line) in self.thresholdLines where !self.settings.labels.contains(label) {
            let hint = label.nearest(in: self.settings.labels).map { "did you mean '\($0)'?" }
            self.yaml.report(
                "thresholds for '\(label.excerpt)', which is none of the labels: \(hint ?? "add it or remove this")",
                line: line)
        }
    }
}
