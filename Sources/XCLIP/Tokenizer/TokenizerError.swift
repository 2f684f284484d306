/// Why a vocabulary and its merges make no tokenizer. Switch on ``code``; print the description.
public struct TokenizerError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped { case missingToken, badID, badMerge, badLength }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// A special token is not in the vocabulary.
        public static let missingToken = Self(.missingToken)
        /// An id is negative, too large, or belongs to two tokens.
        public static let badID = Self(.badID)
        /// A merge is no pair of symbols, or the vocabulary lacks one of them or the result.
        public static let badMerge = Self(.badMerge)
        /// Too few tokens to a text.
        public static let badLength = Self(.badLength)
    }

    public var code: Code
    /// What is wrong, in one line; the caller knows the file.
    public var message: String

    public var description: String { self.message }
}
