import GerundCore
public import GerundRecords
import GerundTensor

extension ModeComparison.Result {
    /// The number of refreshed tokens as the user writes it.
    var refreshName: String { self.variant.refresh == .max ? "all" : "\(self.variant.refresh)" }

    /// The result as a record.
    public var record: ComparisonRecord {
        let (statistics, errors) = (self.statistics, self.statistics.errors)
        let (confident, labeled) = (statistics.confidentWindows, statistics.labeledWindows)
        return ComparisonRecord(
            precision: self.variant.precision.rawValue,
            refreshedTokens: self.variant.refresh == .max ? nil : self.variant.refresh, windows: statistics.windows,
            top1Changes: errors.top1Changes, top1Agreement: Self.ratio(statistics.agreements, of: statistics.windows),
            confidentWindows: confident,
            confidentAgreement: Self.ratio(statistics.confidentAgreements, of: confident),
            labeledWindows: labeled > 0 ? labeled : nil,
            accuracy: labeled > 0 ? Self.ratio(statistics.correct, of: labeled) : nil,
            meanScoreError: errors.meanScoreError, maxScoreError: errors.maxScoreError,
            scoreErrorBound: errors.bound(confidence: ScoreErrorStatistics.reportedConfidence),
            confidence: ScoreErrorStatistics.reportedConfidence)
    }

    private static func ratio(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

extension ModeComparison {
    /// The results so far as a table.
    public var text: String { Self.text(of: self.results) }

    /// Returns results as a table; empty without results.
    static func text(of results: [Result]) -> String {
        guard let first = results.first?.statistics else { return "" }
        var table = TextTable([
            .init("precision"), .init("refresh", .trailing), .init("agreement", .trailing),
            .init("agreement (confident)", .trailing), .init("accuracy", .trailing), .init("top-1 changes", .trailing),
            .init("mean error", .trailing), .init("max error", .trailing), .init("95 % bound", .trailing),
        ])
        for result in results {
            let (statistics, errors) = (result.statistics, result.statistics.errors)
            table.append([
                result.variant.precision.rawValue, result.refreshName,
                Self.percent(statistics.agreements, of: statistics.windows),
                Self.percent(statistics.confidentAgreements, of: statistics.confidentWindows),
                Self.percent(statistics.correct, of: statistics.labeledWindows), "\(errors.top1Changes)",
                errors.meanScoreError.fixed(4), errors.maxScoreError.fixed(3),
                errors.bound(confidence: ScoreErrorStatistics.reportedConfidence).fixed(3),
            ])
        }
        return """
            \(first.windows) windows compared with exact windows in float32, \(first.confidentWindows) of them confident.

            \(table.text)
            """
    }

    private static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "-" : (100 * Double(part) / Double(whole)).fixed(2) + " %"
    }
}
