public import GerundCore

/// A line that isn't a record.
public struct RecordError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        /// The line isn't valid JSON.
        public static let invalidJSON = Self(name: "invalidJSON")
        /// The line is JSON, but `type` is missing or unknown.
        public static let unknownType = Self(name: "unknownType")
        /// A member is missing, or its value is of the wrong type or out of range.
        public static let invalidMember = Self(name: "invalidMember")
    }

    /// The kind of failure.
    public let code: Code
    /// The problem with the line.
    public let message: String

    /// Describes an error that a decoder threw.
    init(decoding error: any Error) {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            (self.code, self.message) = Self.missing(key, context)
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            (self.code, self.message) =
                context.codingPath.isEmpty
                ? (.unknownType, "not an object")
                : (.invalidMember, "invalid value of \(Self.path(context.codingPath))")
        case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
            (self.code, self.message) = (.invalidJSON, "invalid JSON")
        case DecodingError.dataCorrupted(let context):
            let isType = context.codingPath.map(\.stringValue) == [RecordEnvelope.CodingKeys.type.stringValue]
            self.code = isType ? .unknownType : .invalidMember
            self.message = "invalid value of \(Self.path(context.codingPath)): \(context.debugDescription)"
        default:
            (self.code, self.message) = (.invalidJSON, "invalid JSON")
        }
    }

    /// Always `nil`: the message holds what a decoder's error says.
    public var cause: (any Error)? { nil }

    private static func missing(_ key: any CodingKey, _ context: DecodingError.Context) -> (Code, String) {
        let isType = context.codingPath.isEmpty && key.stringValue == RecordEnvelope.CodingKeys.type.stringValue
        return (isType ? .unknownType : .invalidMember, "member \(Self.path(context.codingPath + [key])) is missing")
    }

    private static func path(_ path: [any CodingKey]) -> String {
        "'" + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + "'"
    }
}
