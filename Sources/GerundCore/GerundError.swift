/// An error that a program can switch on, print and trace to its cause.
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
    /// The subject is `nil` by default.
    public var subject: String? { nil }

    /// One line for a user: the subject, the message and, in parentheses, the cause.
    public var summary: String {
        let subject = self.subject.map { "\($0): " } ?? ""
        let cause = self.cause.map { " (\($0))" } ?? ""
        return "\(subject)\(self.message)\(cause)"
    }

    /// The code, followed by ``summary``.
    public var description: String { "\(self.code): \(self.summary)" }
}

/// The code of a ``GerundError``: an open set of named values.
public protocol ErrorCode: Hashable, Sendable, CustomStringConvertible {
    /// The name of the static member, such as `notFound`.
    var name: String { get }
}

extension ErrorCode {
    /// The name of the static member.
    public var description: String { self.name }
}
