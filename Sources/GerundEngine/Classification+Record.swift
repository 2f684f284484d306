public import GerundRecords

extension Classification {
    /// Returns the classification as a record.
    ///
    /// - Parameter top: The maximum number of labels in `top`.
    /// - Returns: The record; `nil` if there are no labels.
    public func record(top: Int) -> ClassificationRecord? {
        guard let best = self.predictions.first else { return nil }
        return ClassificationRecord(
            source: self.source, label: best.label, score: best.score, probability: best.probability,
            top: self.predictions.prefix(top).map { ScoredLabel(label: $0.label, score: $0.score) },
            windows: self.windows, window: self.windowDuration)
    }
}
