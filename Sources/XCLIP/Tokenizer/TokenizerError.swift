public import GerundCore

/// The reason why a vocabulary and its merges don't make a tokenizer.
public struct TokenizerError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String
        private init(name: String) { self.name = name }

        /// A special token is not in the vocabulary.
        public static let missingToken = Self(name: "missingToken")
        /// A token id is negative, too large, or belongs to two tokens.
        public static let invalidTokenID = Self(name: "invalidTokenID")
        /// A merge is not a pair of symbols, or the vocabulary lacks one of them or the result.
        public static let invalidMerge = Self(name: "invalidMerge")
        /// The maximum length of a text leaves no room for the special tokens.
        public static let invalidMaximumLength = Self(name: "invalidMaximumLength")
    }

    /// The kind of failure.
    public var code: Code
    /// A description of the failure, in one line, without the path of the file.
    public var message: String

    /// Always `nil`.
    public var cause: (any Error)? { nil }
}
