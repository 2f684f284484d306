public import GerundCore

/// An error that occurred while loading a model, its labels or ground truth, or creating an engine for it.
public struct ModelError: GerundError {
    /// The kind of failure.
    ///
    /// New codes may be added.
    public struct Code: ErrorCode {
        /// The name of the static member.
        public let name: String

        private init(name: String) {
            self.name = name
        }

        /// The model directory or one of its files is missing or damaged.
        public static let modelDirectory = Self(name: "modelDirectory")
        /// `config.json` doesn't describe an X-CLIP model, or describes an impossible one.
        public static let configuration = Self(name: "configuration")
        /// The vocabulary and merges don't form a tokenizer, or form one of another model.
        public static let tokenizer = Self(name: "tokenizer")
        /// The preprocessing is unsupported, or is for another image size.
        public static let imageProcessor = Self(name: "imageProcessor")
        /// A tensor is missing, has a wrong shape or type, or can't be read.
        public static let weights = Self(name: "weights")
        /// The labels are empty, too many, too long, or contradict each other.
        public static let labels = Self(name: "labels")
        /// The file with the ground truth of a clip can't be read.
        public static let groundTruth = Self(name: "groundTruth")
        /// This machine or build doesn't support the requested precision.
        public static let precision = Self(name: "precision")
        /// A setting is out of range or doesn't fit the model.
        public static let invalidSetting = Self(name: "invalidSetting")
        /// The windows need more memory than one source may use.
        public static let memoryLimit = Self(name: "memoryLimit")
        /// The system can't create another thread.
        public static let outOfResources = Self(name: "outOfResources")
    }

    /// The kind of failure.
    public var code: Code
    /// The path of the file or directory that the error is about; `nil` if it isn't about one.
    public var subject: String?
    /// A description of the failure and its remedy, in one line.
    public var message: String
    /// The error that led to this one.
    public var cause: (any Error)?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - subject: The path of the file or directory that the error is about.
    ///   - message: A description of the failure and its remedy, in one line.
    ///   - cause: The error that led to this one.
    public init(code: Code, subject: String? = nil, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.subject = subject
        self.message = message
        self.cause = cause
    }

    /// Creates an error of an engine's operation from an error of one of its parts: with the part's subject, message
    /// and cause.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - error: The part's error.
    ///   - subject: The path to name if the part's error names none.
    init(code: Code, wrapping error: any Error, subject: String? = nil) {
        if let error = error as? any GerundError {
            self.init(
                code: code, subject: error.subject ?? subject, message: error.message, cause: error.cause)
        } else {
            self.init(code: code, subject: subject, message: "\(error)")
        }
    }

    /// Calls a function and converts its error, see ``init(code:wrapping:subject:)``.
    static func wrapping<R, E: Error>(
        _ code: Code, subject: String? = nil, _ body: () throws(E) -> R
    ) throws(ModelError) -> R {
        do {
            return try body()
        } catch {
            throw ModelError(code: code, wrapping: error, subject: subject)
        }
    }
}
