import GerundMedia

/// What is wrong with a configuration file: everything that was found, in the order of its lines.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One thing that is wrong, in one line.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The file, as the user named it.
        public var path: String
        /// Counts from 1; `nil` for the file as a whole.
        public var line: Int?
        /// What is wrong and what to do about it. Never holds credentials.
        public var message: String

        init(path: String, line: Int?, message: String) {
            self.path = path
            self.line = line
            // What a file says may be an address that was written to the wrong place.
            self.message = Redactor().redact(message).onOneLine
        }

        public var description: String { "\(self.path)\(self.line.map { ":\($0)" } ?? ""): \(self.message)" }
    }

    /// Never empty.
    public var problems: [Problem]

    init(_ problems: [Problem]) {
        self.problems = problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }

    /// - Parameter line: `nil` for the file as a whole.
    public init(path: String, line: Int? = nil, _ message: String) {
        self.init([Problem(path: path, line: line, message: message)])
    }

    /// One line for each problem.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}

extension String {
    /// The text as one line that can't steer a terminal.
    var onOneLine: String {
        let steering: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        return String(
            String.UnicodeScalarView(
                self.unicodeScalars.map { steering.contains($0.properties.generalCategory) ? "?" : $0 }))
    }

    /// The beginning of a text, for messages.
    var excerpt: String { self.count > 40 ? self.prefix(40) + "…" : self }
}
