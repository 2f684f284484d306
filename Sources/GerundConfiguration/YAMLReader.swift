import GerundCore
import GerundEvents
import Yams

/// Typed access to the nodes of a YAML file. What is wrong is collected, so that all of it is told at once.
///
/// The only file that sees the YAML library.
struct YAMLReader {
    /// A member of a mapping.
    struct Entry {
        let key: String
        let line: Int
        fileprivate let node: Node
    }

    let path: String
    private(set) var problems: [ConfigurationError.Problem] = []

    init(path: String) {
        self.path = path
    }

    mutating func report(_ message: String, line: Int) {
        self.problems.append(ConfigurationError.Problem(path: self.path, line: line, message: message))
    }

    // MARK: Nodes

    /// The members of the file's top level.
    ///
    /// - Returns: `nil` when the file is no mapping.
    mutating func root(of text: String) -> [Entry]? {
        do {
            // The encoding is named because the library would otherwise ask the environment for it.
            guard let node = try Parser(yaml: text, encoding: .utf8).singleRoot(), node != Node("") else {
                self.report("the file is empty: write at least one setting, such as sources:", line: 1)
                return nil
            }
            return self.entries(of: Entry(key: "", line: 1, node: node), "the file", such: "span: 2")
        } catch {
            let (line, problem) = Self.place(of: error)
            self.report("no YAML: \(problem); check indentation, colons and quotes", line: line)
            return nil
        }
    }

    private static func place(of error: any Error) -> (line: Int, problem: String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (mark.line, problem)
        case .reader(let problem, let offset, _, let text):
            return (1 + text.prefix(offset ?? 0).count { $0.isNewline }, problem)
        case .duplicatedKeysInMapping(let names, let context):
            return (context.mark.line, "'\(names.first?.excerpt ?? "")' is given twice")
        default:
            return (1, "it can't be read")
        }
    }

    /// The members of a mapping.
    ///
    /// - Parameters:
    ///   - what: For messages.
    ///   - known: What the keys may be; `nil` for any text.
    /// - Returns: `nil` when it is none.
    mutating func entries(
        of entry: Entry, _ what: String, such example: String, known: [String]? = nil
    ) -> [Entry]? {
        guard case .mapping(let mapping) = entry.node else {
            self.report("\(what) has to hold settings, such as \(example)", line: entry.line)
            return nil
        }
        var entries: [Entry] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? entry.line
            guard case .scalar(let name) = key else {
                self.report("\(what) has a key that is no text: write KEY: VALUE", line: line)
                continue
            }
            guard known?.contains(name.string) ?? true else {
                self.report(Self.unknownKey(name.string, of: known ?? []), line: line)
                continue
            }
            entries.append(Entry(key: name.string, line: line, node: value))
        }
        return entries
    }

    static func unknownKey(_ name: String, of known: [String]) -> String {
        let hint = name.nearest(in: known).map { "did you mean '\($0)'?" }
        return "unknown key '\(name.excerpt)': \(hint ?? "known are \(known.joined(separator: ", "))")"
    }

    /// The elements of a list.
    mutating func elements(of entry: Entry, such example: String) -> [Entry] {
        guard case .sequence(let sequence) = entry.node else {
            self.report("'\(entry.key)' has to be a list: write - \(example) on a line of its own", line: entry.line)
            return []
        }
        return sequence.map { Entry(key: entry.key, line: $0.mark?.line ?? entry.line, node: $0) }
    }

    /// Whether it is a single text or number, or this one.
    func isScalar(_ entry: Entry, _ text: String? = nil) -> Bool {
        guard case .scalar(let scalar) = entry.node else { return false }
        return text.map { $0 == scalar.string } ?? true
    }

    func isList(_ entry: Entry) -> Bool {
        if case .sequence = entry.node { true } else { false }
    }

    // MARK: Values

    mutating func text(_ entry: Entry) -> String? {
        guard case .scalar(let scalar) = entry.node else {
            self.report("'\(entry.key)' has to be a text", line: entry.line)
            return nil
        }
        guard !scalar.string.allSatisfy(\.isWhitespace) else {
            self.report("'\(entry.key)' has no value: give it one or remove the line", line: entry.line)
            return nil
        }
        guard scalar.string.onOneLine == scalar.string else {
            self.report("'\(entry.key)' holds a line break or control character: write one line", line: entry.line)
            return nil
        }
        return scalar.string
    }

    mutating func number(_ entry: Entry, _ range: String, isValid: (Double) -> Bool) -> Double? {
        let text = if case .scalar(let scalar) = entry.node { scalar.string } else { "" }
        guard let number = Double(text), number.isFinite, isValid(number) else {
            let found = text.isEmpty ? "" : ", not '\(text.excerpt)'"
            self.report("'\(entry.key)' has to be a number \(range)\(found)", line: entry.line)
            return nil
        }
        return number
    }

    /// A part of the whole, 0...1, written as `1%` or `0.01`.
    mutating func share(_ entry: Entry) -> Double? {
        guard case .scalar(let scalar) = entry.node, scalar.string.hasSuffix("%") else {
            return self.number(entry, "from 0 to 1, or a percentage") { 0...1 ~= $0 }
        }
        guard let percent = Double(scalar.string.dropLast()), 0...100 ~= percent else {
            self.report("'\(entry.key)' has to be from 0% to 100%, not '\(scalar.string.excerpt)'", line: entry.line)
            return nil
        }
        return percent / 100
    }

    /// The size of a file in bytes, written as `512k`, `10M` or `1G`.
    mutating func size(_ entry: Entry) -> Int? {
        let text = if case .scalar(let scalar) = entry.node { scalar.string } else { "" }
        guard let size = LogRotation.size(text) else {
            let found = text.isEmpty ? "" : ", not '\(text.excerpt)'"
            self.report("'\(entry.key)' has to be a size from 4k up, such as 10M\(found)", line: entry.line)
            return nil
        }
        return size
    }

    mutating func flag(_ entry: Entry) -> Bool? {
        self.choice(entry, among: ["true", "false"]).map { $0 == "true" }
    }

    mutating func choice(_ entry: Entry, among known: [String]) -> String? {
        let text = if case .scalar(let scalar) = entry.node { scalar.string } else { "" }
        guard known.contains(text) else {
            let found = text.isEmpty ? "" : ", not '\(text.excerpt)'"
            let hint = text.nearest(in: known).map { ": did you mean '\($0)'?" } ?? ""
            self.report("'\(entry.key)' has to be \(known.alternatives)\(found)\(hint)", line: entry.line)
            return nil
        }
        return text
    }
}

extension [String] {
    /// `a, b or c`.
    fileprivate var alternatives: String {
        self.count > 1 ? "\(self.dropLast().joined(separator: ", ")) or \(self[self.count - 1])" : self.first ?? ""
    }
}
