/// The accuracy of one way of computing windows relative to exact windows in float32.
public struct ComparisonRecord: Sendable, Hashable {
    /// The number format of the matrix multiplications: `f32`, `bf16` or `int8`.
    public var precision: String
    /// The number of tokens that are recomputed per older frame; `nil` for all, which is exact mode.
    public var refreshedTokens: Int?
    /// The number of windows that were compared.
    public var windows: Int
    /// The number of windows whose top-ranked text, of labels and background phrases, differs.
    public var top1Changes: Int
    /// The fraction of windows with the same top-ranked text, in 0...1.
    public var top1Agreement: Double
    /// The number of windows in which the exact result is confident: its top-ranked text's probability leads by more
    /// than 0.5.
    public var confidentWindows: Int
    /// The fraction of ``confidentWindows`` with the same top-ranked text, in 0...1.
    public var confidentAgreement: Double
    /// The number of windows whose true label is known; `nil` without ground truth.
    public var labeledWindows: Int?
    /// The fraction of ``labeledWindows`` whose top-ranked text is the true label, in 0...1; `nil` without ground
    /// truth.
    public var accuracy: Double?
    /// The mean difference of a label's score, in 0...1.
    public var meanScoreError: Double
    /// The largest difference of a label's score in any window, in 0...1.
    public var maxScoreError: Double
    /// A split-conformal upper bound on the largest score difference in a future window, valid with probability
    /// ``confidence``, in 0...1; 1 if there are too few windows.
    public var scoreErrorBound: Double
    /// The probability with which ``scoreErrorBound`` holds, in 0...1.
    public var confidence: Double

    /// Creates a record.
    public init(
        precision: String, refreshedTokens: Int?, windows: Int, top1Changes: Int, top1Agreement: Double,
        confidentWindows: Int, confidentAgreement: Double, labeledWindows: Int?, accuracy: Double?,
        meanScoreError: Double, maxScoreError: Double, scoreErrorBound: Double, confidence: Double
    ) {
        self.precision = precision
        self.refreshedTokens = refreshedTokens
        self.windows = windows
        self.top1Changes = top1Changes
        self.top1Agreement = top1Agreement
        self.confidentWindows = confidentWindows
        self.confidentAgreement = confidentAgreement
        self.labeledWindows = labeledWindows
        self.accuracy = accuracy
        self.meanScoreError = meanScoreError
        self.maxScoreError = maxScoreError
        self.scoreErrorBound = scoreErrorBound
        self.confidence = confidence
    }
}

extension ComparisonRecord: RecordProtocol {
    /// The value `comparison`.
    public static let recordType = "comparison"

    private enum CodingKeys: String, CodingKey {
        case type, precision
        case refreshedTokens = "refreshed_tokens"
        case windows
        case top1Changes = "top1_changes"
        case top1Agreement = "top1_agreement"
        case confidentWindows = "confident_windows"
        case confidentAgreement = "confident_agreement"
        case labeledWindows = "labeled_windows"
        case accuracy
        case meanScoreError = "mean_score_error"
        case maxScoreError = "max_score_error"
        case scoreErrorBound = "score_error_bound"
        case confidence
    }

    /// Decodes the members that the schema documents.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        try json.requireType(Self.recordType, forKey: .type)
        self.init(
            precision: try json.decode(String.self, forKey: .precision),
            refreshedTokens: try json.decode(Int?.self, forKey: .refreshedTokens),
            windows: try json.decode(Int.self, forKey: .windows),
            top1Changes: try json.decode(Int.self, forKey: .top1Changes),
            top1Agreement: try json.decode(Double.self, forKey: .top1Agreement),
            confidentWindows: try json.decode(Int.self, forKey: .confidentWindows),
            confidentAgreement: try json.decode(Double.self, forKey: .confidentAgreement),
            labeledWindows: try json.decodeIfPresent(Int.self, forKey: .labeledWindows),
            accuracy: try json.decodeIfPresent(Double.self, forKey: .accuracy),
            meanScoreError: try json.decodeNumber(forKey: .meanScoreError),
            maxScoreError: try json.decodeNumber(forKey: .maxScoreError),
            scoreErrorBound: try json.decodeNumber(forKey: .scoreErrorBound),
            confidence: try json.decode(Double.self, forKey: .confidence))
    }

    /// Encodes the members that the schema documents; those of ground truth only if there is any.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(Self.recordType, forKey: .type)
        try json.encode(self.precision, forKey: .precision)
        try json.encode(self.refreshedTokens, forKey: .refreshedTokens)
        try json.encode(self.windows, forKey: .windows)
        try json.encode(self.top1Changes, forKey: .top1Changes)
        try json.encode(self.top1Agreement, decimals: 5, forKey: .top1Agreement)
        try json.encode(self.confidentWindows, forKey: .confidentWindows)
        try json.encode(self.confidentAgreement, decimals: 5, forKey: .confidentAgreement)
        if let labeledWindows { try json.encode(labeledWindows, forKey: .labeledWindows) }
        if let accuracy { try json.encode(accuracy, decimals: 5, forKey: .accuracy) }
        try json.encode(self.meanScoreError, decimals: 5, forKey: .meanScoreError)
        try json.encode(self.maxScoreError, decimals: 5, forKey: .maxScoreError)
        try json.encode(self.scoreErrorBound, decimals: 5, forKey: .scoreErrorBound)
        try json.encode(self.confidence, decimals: 2, forKey: .confidence)
    }
}
