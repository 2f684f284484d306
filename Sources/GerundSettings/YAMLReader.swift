import GerundCore
import Yams

/// Typed access to the nodes of a YAML file, which collects everything that is wrong with it.
///
/// The only file that imports the YAML library.
struct YAMLReader {
    /// A member of a mapping, or an element of a list under the list's key.
    struct Entry {
        let key: String
        let line: Int
        fileprivate let node: Node
    }

    let path: String
    private(set) var problems: [SettingsError.Problem] = []
    /// The lines of the labels under `thresholds`.
    var thresholdLines: [(label: String, line: Int)] = []

    init(path: String) {
        self.path = path
    }

    mutating func report(_ message: String, line: Int) {
        self.problems.append(SettingsError.Problem(SettingLocation(path: self.path, line: line), message))
    }

    /// Returns a path relative to the file's directory, or unchanged if it is absolute.
    func resolvingPath(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
        return self.path[...slash] + path
    }

    // MARK: Nodes

    /// Returns the members at the top level of a file; `nil` after reporting a text that isn't a mapping.
    mutating func root(of text: String) -> [Entry]? {
        do {
            // The encoding is named because the library would otherwise take it from the environment.
            guard let node = try Parser(yaml: text, encoding: .utf8).singleRoot(), node != Node("") else {
                self.report("the file is empty: write at least one setting, such as sources:", line: 1)
                return nil
            }
            return self.entries(of: Entry(key: "", line: 1, node: node), "the file", example: "window: 2")
        } catch {
            let (line, problem) = Self.syntaxProblem(error)
            self.report("invalid YAML: \(problem); check indentation, colons and quotes", line: line)
            return nil
        }
    }

    private static func syntaxProblem(_ error: any Error) -> (line: Int, problem: String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return (mark.line, problem)
        case .reader(let problem, let offset, _, let text):
            return (1 + text.prefix(offset ?? 0).count { $0.isNewline }, problem)
        case .duplicatedKeysInMapping(let names, let context):
            return (context.mark.line, "duplicate key '\(names.first?.excerpt ?? "")'")
        default:
            return (1, "cannot parse the file")
        }
    }

    /// Returns the members of a mapping.
    ///
    /// - Parameters:
    ///   - entry: The mapping.
    ///   - subject: The name of its kind, for messages.
    ///   - example: A valid member, for messages.
    ///   - known: The allowed keys; `nil` for any text.
    ///   - formerly: Names that keys once had, each with the present one.
    /// - Returns: `nil` after reporting a node that isn't a mapping.
    mutating func entries(
        of entry: Entry, _ subject: String, example: String, known: [String]? = nil, formerly: [String: String] = [:]
    ) -> [Entry]? {
        guard case .mapping(let mapping) = entry.node else {
            self.report("\(subject) must be a mapping, such as \(example)", line: entry.line)
            return nil
        }
        var entries: [Entry] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? entry.line
            guard case .scalar(let name) = key else {
                self.report("\(subject) has a key that is not a string: write KEY: VALUE", line: line)
                continue
            }
            guard known?.contains(name.string) ?? true else {
                self.report(
                    formerly[name.string].map { "'\(name.string)' is now called '\($0)'" }
                        ?? name.string.unknownNameMessage("key", path: name.string.excerpt, known: known ?? []),
                    line: line)
                continue
            }
            entries.append(Entry(key: name.string, line: line, node: value))
        }
        return entries
    }

    /// Returns the elements of a list; none after reporting a node that isn't a list, or an empty one.
    mutating func elements(of entry: Entry, example: String) -> [Entry] {
        guard case .sequence(let sequence) = entry.node else {
            self.report("'\(entry.key)' must be a list: write - \(example) on a separate line", line: entry.line)
            return []
        }
        if sequence.isEmpty {
            self.report("'\(entry.key)' is an empty list: add an element, or remove the line", line: entry.line)
        }
        return sequence.map { Entry(key: entry.key, line: $0.mark?.line ?? entry.line, node: $0) }
    }

    // MARK: Values

    /// Returns the text of a scalar, which may be empty; `nil` for a list or mapping.
    func scalar(_ entry: Entry) -> String? {
        if case .scalar(let scalar) = entry.node { scalar.string } else { nil }
    }

    /// Returns a text with at least one visible character, in one line; `nil` after reporting anything else.
    mutating func text(_ entry: Entry) -> String? {
        guard let text = self.scalar(entry) else {
            self.report("'\(entry.key)' must be a string", line: entry.line)
            return nil
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            self.report("'\(entry.key)' has no value: give it one or remove the line", line: entry.line)
            return nil
        }
        guard text.sanitized == text else {
            self.report("'\(entry.key)' contains a line break or control character", line: entry.line)
            return nil
        }
        return text
    }
}
