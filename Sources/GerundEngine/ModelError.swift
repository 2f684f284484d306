import GerundCheckpoint
import GerundTensor
import XCLIP

/// Why a model or its labels can't be used. Switch on ``code``; print the description.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New codes may be added.
    public struct Code: Hashable, Sendable {
        private enum Wrapped {
            case folder, configuration, tokenizer, imageProcessor, weights, labels, timeline, precision, system
        }
        private let wrapped: Wrapped
        private init(_ wrapped: Wrapped) { self.wrapped = wrapped }

        /// The folder or one of its files is missing or broken.
        public static let folder = Self(.folder)
        /// `config.json` describes no X-CLIP model, or one that can't be.
        public static let configuration = Self(.configuration)
        /// The vocabulary and merges make no tokenizer, or one for another model.
        public static let tokenizer = Self(.tokenizer)
        /// The preprocessing is unknown, or made for another picture size.
        public static let imageProcessor = Self(.imageProcessor)
        /// A tensor is missing or of the wrong shape or type.
        public static let weights = Self(.weights)
        /// The labels are empty, too many, too long, or contradict each other.
        public static let labels = Self(.labels)
        /// The file of what truly happens in a clip can't be read.
        public static let timeline = Self(.timeline)
        /// This machine has no products in the number format that was asked for.
        public static let precision = Self(.precision)
        /// The system refused a thread.
        public static let system = Self(.system)
    }

    public var code: Code
    /// What is wrong, where, and what to do about it, in one line.
    public var message: String
    /// The module's own error, when there is one.
    public var cause: (any Error)?

    public init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { self.message }
}
