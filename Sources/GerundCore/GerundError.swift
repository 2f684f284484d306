/// An error with a code to switch on, a message to print, and an underlying error.
///
/// Switch on ``code``. Print ``summary`` for a user; ``description`` begins with the code and is meant for logs.
public protocol GerundError: Error, CustomStringConvertible {
    /// The type of ``code``.
    associatedtype Code: ErrorCode

    /// The kind of failure. New codes may be added.
    var code: Code { get }
    /// The subject of the error: a path, a source or a setting, without credentials.
    ///
    /// The default is `nil`.
    var subject: String? { get }
    /// A description of the failure and its remedy, in one line without credentials.
    var message: String { get }
    /// The error that led to this one, such as that of a C library or of the system.
    var cause: (any Error)? { get }
}

extension GerundError {
    /// Default implementation: `nil`.
    public var subject: String? { nil }

    /// One line for a user: the message and, in parentheses, the cause.
    ///
    /// It doesn't contain the subject, for a context that names it already, such as the record of a source.
    public var reason: String {
        guard let cause = self.cause else { return self.message.sanitized }
        // A cause's code is for programs, and a subject that it shares is named already.
        let text =
            switch cause {
            case let cause as any GerundError: cause.subject == self.subject ? cause.reason : cause.summary
            default: "\(cause)"
            }
        return "\(self.message) (\(text))".sanitized
    }

    /// One line for a user: the subject, the message and, in parentheses, the cause.
    ///
    /// It never contains a newline: control characters are replaced by U+FFFD.
    public var summary: String {
        let subject = self.subject.map { "\($0.sanitized): " } ?? ""
        return subject + self.reason
    }

    /// The code, followed by ``summary``.
    public var description: String { "\(self.code): \(self.summary)" }
}

/// The code of a ``GerundError``: one of an extensible set of named codes.
///
/// Codes may be added, so a switch over them needs a default.
public protocol ErrorCode: Hashable, Sendable, CustomStringConvertible {
    /// The name of the code, such as `notFound`; the same as that of its static member in the conforming type.
    var name: String { get }
}

extension ErrorCode {
    /// The name of the code.
    public var description: String { self.name }
}
