public import GerundCore

/// The reason why a tensor can't be used.
public struct WeightError: GerundError, Sendable {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// There is no tensor of that name.
        public static let missing = Code(name: "missing")
        /// The tensor has another shape than the model expects.
        public static let wrongShape = Code(name: "wrongShape")
        /// The tensor's elements aren't floats.
        public static let wrongType = Code(name: "wrongType")
        /// The tensor's elements can't be read; see ``WeightError/cause``.
        public static let unreadable = Code(name: "unreadable")
    }

    /// The kind of failure.
    public var code: Code
    /// The name of the file or generator, for display.
    public var origin: String
    /// The tensor's name.
    public var tensor: String
    /// The tensor that the model expects, for example `float tensor [768, 768]`.
    public var expected: String
    /// The tensor that the source has instead; `nil` if there is nothing to describe.
    public var found: String?
    /// The error that led to this one.
    public var cause: (any Error)?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - origin: The name of the file or generator, for display.
    ///   - tensor: The tensor's name.
    ///   - expected: The tensor that the model expects, for example `float tensor [768, 768]`.
    ///   - found: The tensor that the source has instead; `nil` if there is nothing to describe.
    ///   - cause: The error that led to this one.
    public init(
        code: Code, origin: String, tensor: String, expected: String, found: String?, cause: (any Error)? = nil
    ) {
        self.code = code
        self.origin = origin
        self.tensor = tensor
        self.expected = expected
        self.found = found
        self.cause = cause
    }

    /// The name of the file or generator.
    public var subject: String? { self.origin }

    /// A message that names the expected and the found tensor, or the one that can't be read.
    public var message: String {
        guard self.code != .unreadable else { return "tensor '\(self.tensor)' can't be read" }
        return "tensor '\(self.tensor)': expected \(self.expected), found \(self.found ?? "no such tensor")"
    }
}
