import GerundCore
import GerundEngine
import GerundMedia

// MARK: - Texts

extension SettingType where Value == String {
    /// A text of one line.
    static var text: Self { Self(placeholder: "text") { yaml, entry in yaml.text(entry) } }

    /// The path of a file or directory.
    ///
    /// In a configuration file, it is relative to the file's directory.
    static func path(placeholder: String) -> Self {
        Self(placeholder: placeholder) { yaml, entry in yaml.text(entry).map { yaml.resolvingPath($0) } }
    }

    private init(
        placeholder: String, readYAML: @escaping @Sendable (inout YAMLReader, YAMLReader.Entry) -> String?
    ) {
        self.expected = "a string"
        self.placeholder = placeholder
        (self.range, self.choices, self.formerChoices) = (nil, [], [:])
        self.parse = { $0 }
        self.format = { $0 }
        self.readYAML = readYAML
        self.readJSON = { value throws(InvalidSettingValue) in try value.settingText(of: "a string") }
    }
}

extension SettingType where Value == [String] {
    /// A list of different texts; on the command line, an option that may be repeated.
    ///
    /// - Parameter example: An element, for messages.
    /// - Returns: The type.
    static func texts(example: String) -> Self {
        Self(
            expected: "a list of strings", placeholder: "text", range: nil, choices: [], formerChoices: [:],
            parse: { [$0] }, format: { $0.joined(separator: ", ") },
            readYAML: { yaml, entry in yaml.texts(entry, example: example) },
            readJSON: { value throws(InvalidSettingValue) in
                guard let elements = value.array else {
                    throw InvalidSettingValue("", expected: "a list of strings")
                }
                var texts: [String] = []
                for element in elements {
                    let text = try element.settingText(of: "a list of strings")
                    guard !texts.contains(text) else {
                        throw InvalidSettingValue("", expected: "a list without duplicates, such as '\(text)'")
                    }
                    texts.append(text)
                }
                return texts
            })
    }
}

extension JSONValue {
    /// The value of a string with at least one visible character, in one line.
    fileprivate func settingText(of expected: String) throws(InvalidSettingValue) -> String {
        guard let text = self.string else { throw InvalidSettingValue("", expected: expected) }
        guard !text.allSatisfy(\.isWhitespace) else {
            throw InvalidSettingValue("", expected: "\(expected) without empty ones")
        }
        guard text.sanitized == text else {
            throw InvalidSettingValue("", expected: "\(expected) without line breaks and control characters")
        }
        return text
    }
}

extension YAMLReader {
    fileprivate mutating func texts(_ entry: Entry, example: String) -> [String]? {
        var lines: [String: Int] = [:]
        var texts: [String] = []
        for element in self.elements(of: entry, example: example) {
            guard let text = self.text(element) else { continue }
            if let line = lines.updateValue(element.line, forKey: text) {
                self.report("'\(text.excerpt)' is a duplicate of line \(line)", line: element.line)
                continue
            }
            do {
                try LabelSet.validate(text)
                texts.append(text)
            } catch {
                self.report(error.message, line: element.line)
            }
        }
        return texts.isEmpty ? nil : texts
    }
}

// MARK: - Sources

extension SettingType where Value == [SourceAddress] {
    /// A list of sources, each an address or a mapping of an address and its options.
    static var sources: Self {
        Self(
            expected: "a list of sources", placeholder: "source", range: nil, choices: [],
            formerChoices: [:],
            parse: { (try? SourceAddress($0)).map { [$0] } },
            format: { $0.map { "\($0)" }.joined(separator: ", ") },
            readYAML: { yaml, entry in yaml.sources(entry) },
            readJSON: { _ throws(InvalidSettingValue) in throw InvalidSettingValue("", expected: "a list of sources") })
    }
}

extension YAMLReader {
    fileprivate mutating func sources(_ entry: Entry) -> [SourceAddress]? {
        var lines: [String: Int] = [:]
        var sources: [SourceAddress] = []
        for element in self.elements(of: entry, example: "rtsp://camera/1") {
            guard let source = self.source(element) else { continue }
            if let line = lines.updateValue(element.line, forKey: source.id.name) {
                self.report(
                    "the source in line \(line) is also named '\(source.id)': rename one with name:",
                    line: element.line)
            } else {
                sources.append(source)
            }
        }
        return sources.isEmpty ? nil : sources
    }

    /// Returns the source of an address, or of a mapping with an address and its options.
    private mutating func source(_ entry: Entry) -> SourceAddress? {
        if self.scalar(entry) != nil {
            return self.text(entry).flatMap { self.address($0, options: [], line: entry.line) }
        }
        let known = ["address"] + SourceOptions.keyNames
        let example = "address: rtsp://camera/1"
        let problemCount = self.problems.count
        let entries = self.entries(
            of: entry, "a source", example: example, known: known, formerly: SourceOptions.formerKeyNames)
        guard let members = entries, self.problems.count == problemCount else { return nil }
        var options: [(name: String, value: String)] = []
        var text: String?
        for member in members {
            guard let value = self.text(member) else { return nil }
            if member.key == "address" { text = value } else { options.append((member.key, value)) }
        }
        guard let text else {
            self.report("the source has no address: write \(example)", line: entry.line)
            return nil
        }
        return self.address(text, options: options, line: entry.line)
    }

    private mutating func address(
        _ text: String, options: [(name: String, value: String)], line: Int
    ) -> SourceAddress? {
        let isPath = text != "-" && !text.hasPrefix("-#") && !text.hasPrefix("test:") && !text.contains("://")
        do {
            return try SourceAddress(isPath ? self.resolvingPath(text) : text, options: options)
        } catch {
            self.report(error.summary, line: line)
            return nil
        }
    }
}

// MARK: - Thresholds of labels

extension SettingType where Value == [String: LabelThresholds] {
    /// A mapping from labels to their own thresholds.
    static var labelThresholds: Self {
        Self(
            expected: "a mapping from labels to thresholds", placeholder: "thresholds", range: nil,
            choices: [], formerChoices: [:], parse: { _ in nil }, format: { "\($0.count) labels" },
            readYAML: { yaml, entry in yaml.labelThresholds(entry) },
            readJSON: { _ throws(InvalidSettingValue) in
                throw InvalidSettingValue("", expected: "a mapping from labels to thresholds")
            })
    }
}

extension YAMLReader {
    private static let thresholdExample = "{start_threshold: 0.8, end_threshold: 0.6}"

    fileprivate mutating func labelThresholds(_ entry: Entry) -> [String: LabelThresholds]? {
        let table = SettingsTable.shared
        let members = [table.startThreshold, table.endThreshold]
        let labels = self.entries(
            of: entry, "'\(entry.key)'", example: "falling down: \(Self.thresholdExample)")
        var result: [String: LabelThresholds] = [:]
        for label in labels ?? [] {
            let subject = "'\(label.key.excerpt)' under \(entry.key)"
            var thresholds = LabelThresholds()
            for member in self.entries(of: label, subject, example: Self.thresholdExample) ?? [] {
                guard let setting = members.first(where: { $0.key == member.key }) else {
                    self.report(
                        members.lazy.compactMap { $0.formerNameMessage(member.key) }.first
                            ?? member.key.unknownNameMessage(
                                "key", path: member.key.excerpt, known: members.map(\.key)),
                        line: member.line)
                    continue
                }
                let value = setting.type.readYAML(&self, member)
                if setting.key == table.startThreshold.key { thresholds.start = value } else { thresholds.end = value }
            }
            if let message = thresholds.conflict { self.report(message, line: label.line) }
            result[label.key] = thresholds
            self.thresholdLines.append((label.key, label.line))
        }
        return labels == nil ? nil : result
    }
}
