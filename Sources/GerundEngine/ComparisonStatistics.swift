import GerundCore

/// Accumulates how one variant of computing windows compares with exact windows.
public struct ComparisonStatistics: Sendable {
    /// The differences of scores and of the top-ranked text, over all windows.
    public private(set) var errors = ScoreErrorStatistics(capacity: .max)
    /// The number of windows in which the exact result is confident: the probability of its top-ranked text
    /// is more than 0.5 above that of the second.
    public private(set) var confidentWindows = 0
    /// The number of confident windows with the same top-ranked text.
    public private(set) var confidentAgreements = 0
    /// The number of windows whose ground truth is known.
    public private(set) var labeledWindows = 0
    /// The number of labeled windows whose top-ranked text is the true one.
    public private(set) var correct = 0

    /// Creates statistics without windows.
    public init() {}

    /// The number of windows that were compared.
    public var windows: Int { self.errors.windows }
    /// The number of windows with the same top-ranked text.
    public var agreements: Int { self.errors.windows - self.errors.top1Changes }

    /// Adds a window.
    ///
    /// - Parameters:
    ///   - exact: The exact logits of all labels, followed by those of all background phrases.
    ///   - approximate: The variant's logits of the same texts.
    ///   - labelCount: The number of labels.
    ///   - truth: The index of the true text; `nil` if it is unknown.
    public mutating func add(exact: [Float], approximate: [Float], labelCount: Int, truth: Int?) {
        let top1Changes = self.errors.top1Changes
        self.errors.add(exact: exact, approximate: approximate, labelCount: labelCount)
        let probabilities = exact.map(Double.init).softmax.sorted(by: >)
        if probabilities[0] - (probabilities.dropFirst().first ?? 0) > 0.5 {
            self.confidentWindows += 1
            self.confidentAgreements += self.errors.top1Changes == top1Changes ? 1 : 0
        }
        if let truth {
            self.labeledWindows += 1
            self.correct += approximate.firstIndex(of: approximate.max() ?? 0) == truth ? 1 : 0
        }
    }
}
