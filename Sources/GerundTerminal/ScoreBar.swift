import GerundCore

/// A horizontal bar for a score: `███████▍  `.
enum ScoreBar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// Returns the bar, filled with spaces to its width.
    ///
    /// - Parameters:
    ///   - score: The score; limited to 0...1.
    ///   - width: The width of the bar, in columns.
    ///   - hasUnicode: Whether block characters can be shown.
    /// - Returns: The bar.
    static func text(_ score: Double, width: Int, hasUnicode: Bool) -> String {
        let steps = Int((min(max(score.isNaN ? 0 : score, 0), 1) * Double(width * 8)).rounded())
        guard hasUnicode else { return String(repeating: "#", count: steps / 8).padded(to: width) }
        return (String(repeating: "█", count: steps / 8) + self.eighths[steps % 8]).padded(to: width)
    }
}
