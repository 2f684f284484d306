/// The position and the kind of the first error in a JSON text.
public struct JSONSyntaxError: GerundError, Hashable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The text isn't JSON as RFC 8259 defines it, or a limit of the parser is exceeded.
        public static let invalidSyntax = Self(name: "invalidSyntax")
    }

    /// The line of the error, counted from 1.
    public var line: Int
    /// The column of the error, in bytes, counted from 1.
    public var column: Int
    /// The violation at that position, such as `expected ':'`.
    public var reason: String

    init(_ reason: String, line: Int, column: Int) {
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// Always ``Code/invalidSyntax``.
    public var code: Code { .invalidSyntax }

    /// The position and ``reason``.
    public var message: String { "line \(self.line), column \(self.column): \(self.reason)" }

    /// Always `nil`.
    public var cause: (any Error)? { nil }
}
